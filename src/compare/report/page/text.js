// Nodes and words. What data says becomes text nodes and nothing else; no markup is ever read from it.

const SVG = 'http://www.w3.org/2000/svg';
const byId = (id) => document.getElementById(id);

function fill(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const node = (tag, properties = {}, ...children) => fill(document.createElement(tag), properties, children);
const drawn = (tag, properties = {}, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

// Controls, marks that turn the direction of writing, and what has no width: all that can make a text look like another one.
const ODD = new RegExp(
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f' +
    '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ufffe\\uffff\\u{e0000}-\\u{e007f}]',
  'gu',
);
const NAMES = {
  0x00ad: 'soft hyphen', 0x061c: 'Arabic letter mark', 0x200b: 'zero width space', 0x200e: 'left-to-right mark',
  0x200f: 'right-to-left mark', 0x2028: 'line separator', 0x2029: 'paragraph separator', 0x202a: 'left-to-right embedding',
  0x202b: 'right-to-left embedding', 0x202c: 'pop directional formatting', 0x202d: 'left-to-right override',
  0x202e: 'right-to-left override', 0x2066: 'left-to-right isolate', 0x2067: 'right-to-left isolate',
  0x2068: 'first strong isolate', 0x2069: 'pop directional isolate', 0xfeff: 'byte order mark',
};

function codeName(character) {
  const code = character.codePointAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

// For attributes and other places that hold one string.
const plain = (text) => text.replaceAll('\r\n', '\n').replace(ODD, codeName);

// A text made of nothing but such characters must not become as many elements.
const MARKS = 200;

function visible(text) {
  const shown = document.createDocumentFragment();
  const whole = String(text).replaceAll('\r\n', '\n');
  let from = 0;
  let marks = 0;
  for (const match of whole.matchAll(ODD)) {
    if (marks++ === MARKS) break;
    const title = NAMES[match[0].codePointAt(0)] ?? 'control character';
    shown.append(whole.slice(from, match.index), node('span', { class: 'odd', title }, codeName(match[0])));
    from = match.index + match[0].length;
  }
  const rest = whole.slice(from);
  shown.append(marks > MARKS ? plain(rest) : rest);
  return shown;
}

const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);
const UNKNOWN = '\u2013';

const say = {
  count: (value) => (known(value) ? Math.round(value).toLocaleString('en') : UNKNOWN),
  // A count for a narrow column.
  rough: (value) => (known(value) ? Number(value).toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 }) : UNKNOWN),
  share: (value) => (known(value) ? `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %` : UNKNOWN),
  likeness: (value) => (known(value) ? Number(value).toFixed(2) : UNKNOWN),
  rate: (value) => (known(value) ? value.toFixed(value < 10 ? 1 : 0) : UNKNOWN),
  time(value) {
    if (!known(value)) return UNKNOWN;
    if (value < 1000) return `${Math.round(value)} ms`;
    if (value < 120000) return `${(value / 1000).toFixed(value < 10000 ? 2 : 1)} s`;
    return `${Math.floor(value / 60000)} min ${Math.round((value % 60000) / 1000)} s`;
  },
  money(value) {
    if (!known(value)) return UNKNOWN;
    const dollars = Number(value);
    const places = dollars === 0 || dollars >= 1 ? 2 : dollars >= 0.01 ? 4 : 5;
    return `$${dollars.toFixed(places)}`;
  },
  // How a figure stands to that of the baseline, where less is better.
  ratio(value, base, better, worse) {
    if (!known(value) || !known(base) || !(value > 0) || !(base > 0)) return '';
    const [times, word] = value <= base ? [base / value, better] : [value / base, worse];
    return times < 1.005 ? 'the same' : `${times < 10 ? times.toFixed(times < 2 ? 2 : 1) : Math.round(times)}\u00d7 ${word}`;
  },
};
