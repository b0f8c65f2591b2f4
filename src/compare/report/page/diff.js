// What changed from one text to another: by words, by lines where there are too many words, and whole where even these are many.

// Cells of the table of common pieces; some ten milliseconds.
const CELLS = 4000000;
const WORDS = /\n|[^\S\n]+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}_'\u2019]+|[^]/gu;

const SAME = 'same';
const GONE = 'gone';
const NEW = 'new';

function diff(before, after) {
  for (const [by, pieces] of [['words', (text) => text.match(WORDS) ?? []], ['lines', (text) => text.match(/[^\n]*\n|[^\n]+/g) ?? []]]) {
    const parts = changes(pieces(before), pieces(after));
    if (parts) return { by, parts: smooth(parts) };
  }
  return { by: 'whole', parts: [{ kind: GONE, text: before }, { kind: NEW, text: after }] };
}

// The parts in order; `null` when there are too many pieces.
function changes(before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const [from, to] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  if ((from.length + 1) * (to.length + 1) > CELLS) return null;
  const parts = [{ kind: SAME, text: before.slice(0, start).join('') }, ...between(from, to)];
  parts.push({ kind: SAME, text: before.slice(before.length - end).join('') });
  return joined(parts);
}

// The longest common subsequence, read off its table.
function between(from, to) {
  const wide = to.length + 1;
  const longest = new Uint32Array((from.length + 1) * wide);
  for (let row = from.length - 1; row >= 0; row -= 1) {
    for (let column = to.length - 1; column >= 0; column -= 1) {
      const at = row * wide + column;
      longest[at] = from[row] === to[column] ? longest[at + wide + 1] + 1 : Math.max(longest[at + wide], longest[at + 1]);
    }
  }
  const parts = [];
  let [row, column] = [0, 0];
  while (row < from.length || column < to.length) {
    const at = row * wide + column;
    if (row < from.length && column < to.length && from[row] === to[column]) {
      parts.push({ kind: SAME, text: from[row] });
      row += 1;
      column += 1;
    } else if (column === to.length || (row < from.length && longest[at + wide] >= longest[at + 1])) {
      parts.push({ kind: GONE, text: from[row++] });
    } else {
      parts.push({ kind: NEW, text: to[column++] });
    }
  }
  return parts;
}

// Neighbours of a kind become one; between two stretches that stayed, what is gone comes before what is new.
function joined(parts) {
  const whole = [];
  let gone = '';
  let fresh = '';
  const flush = () => {
    if (gone) whole.push({ kind: GONE, text: gone });
    if (fresh) whole.push({ kind: NEW, text: fresh });
    gone = fresh = '';
  };
  for (const part of parts) {
    if (part.kind === GONE) gone += part.text;
    else if (part.kind === NEW) fresh += part.text;
    else if (part.text) {
      flush();
      const last = whole.at(-1);
      if (last?.kind === SAME) last.text += part.text;
      else whole.push({ kind: SAME, text: part.text });
    }
  }
  flush();
  return whole;
}

// A lone space or comma that stayed between two changes only makes confetti of them.
function smooth(parts) {
  const merged = parts.flatMap((part, at) => {
    const inner = part.kind === SAME && at > 0 && at < parts.length - 1;
    const little = inner && !part.text.includes('\n') && !/[\p{L}\p{N}]/u.test(part.text);
    return little ? [{ kind: GONE, text: part.text }, { kind: NEW, text: part.text }] : [part];
  });
  return joined(merged);
}

// Which share of the second text stayed, white space aside.
function stayed(parts) {
  const length = (kind) => parts.reduce((sum, part) => sum + (part.kind === kind ? part.text.replace(/\s+/g, '').length : 0), 0);
  const same = length(SAME);
  return same + length(NEW) === 0 ? 1 : same / (same + length(NEW));
}
