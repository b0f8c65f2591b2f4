// One prompt and its answers.

// How much of a text stands in the page: little in a list that is scrolled, more once opened, all when it is asked for.
const CLOSED = 1200;
const OPENED = 20000;
// Of how much a closed card is compared; what is beyond is not seen in it.
const COMPARED = 6000;

function card(at) {
  const data = row(at);
  const opened = state.opened.has(at);
  const made = node('article', { class: opened ? 'card opened' : 'card', 'data-row': at, tabindex: '-1', 'aria-label': plain(`prompt ${data.id}`) });
  const toggle = node('button', { type: 'button', class: 'plain open', 'aria-expanded': String(opened), onclick: () => open(at) }, opened ? 'Close' : 'Open');
  made.append(node('header', {}, node('span', { class: 'id' }, visible(data.id)), ...chips(at), toggle));
  made.append(node('div', { class: 'prompt', dir: 'auto' }, excerpt(data.prompt, opened)));
  if (opened) made.append(...context(data));
  made.append(...(data.differences ?? []).map((difference) => node('p', { class: 'difference' }, '\u2260 ', visible(difference))));
  const answers = node('div', { class: 'answers' });
  models.forEach((_, model) => answers.append(answerOf(data, model, opened, at)));
  made.append(answers);
  if (opened) made.append(...(data.transcripts ?? []).map(transcript));
  else if (data.transcripts?.length) made.append(node('p', { class: 'quiet' }, `${data.transcripts.length} judged; open to read the transcripts.`));
  return made;
}

function chips(at) {
  const chip = (kind, words) => node('span', { class: `chip ${kind}` }, words);
  return [
    kinds.disagree(at) ? chip('disagree', '\u2260 disagree') : null,
    facts[at].failed ? chip('failed', '\u2717 failed') : null,
    facts[at].regressed ? chip('regressed', '\u25bc regressed') : null,
  ];
}

function context(data) {
  const made = [];
  if (data.system) made.push(node('div', { class: 'context' }, node('span', { class: 'quiet' }, 'system '), node('span', { dir: 'auto' }, excerpt(data.system, true))));
  if (data.variables?.length) {
    made.push(node('dl', { class: 'variables' }, ...data.variables.flatMap(([name, value]) => [node('dt', {}, visible(name)), node('dd', { dir: 'auto' }, excerpt(value, true))])));
  }
  return made;
}

// A text, cut where the card cuts, with a button for the rest.
function excerpt(text, opened) {
  const limit = opened ? OPENED : CLOSED;
  if (text.length <= limit) return visible(text);
  const shown = document.createDocumentFragment();
  const rest = opened
    ? node('button', { type: 'button', class: 'plain', onclick: () => rest.replaceWith(visible(text.slice(limit))) }, `Show all ${say.count(text.length)} characters`)
    : '\u2026';
  shown.append(visible(text.slice(0, limit)), rest);
  return shown;
}

const STATES = { truncated: 'cut by the token limit', refused: 'refused', failed: 'failed' };

function answerOf(data, model, opened, at) {
  const answer = data.answers.find((one) => one.model === model && one.repeat === state.repeat);
  const made = node('section', { class: model === state.baseline ? 'answer baseline' : 'answer', 'data-model': model });
  const title = node('h3', {}, named(model));
  if (model === state.baseline) title.append(node('span', { class: 'tag' }, 'baseline'));
  made.append(title);
  if (!answer) {
    made.append(node('p', { class: 'quiet' }, 'No answer.'));
    return made;
  }
  const { means } = alikeTo(state.baseline);
  const alikeness = means[at * models.length + model];
  const figures = [say.time(answer.total_ms), known(answer.output) ? `${say.count(answer.output)} tok` : null, say.money(answer.cost),
    Number.isNaN(alikeness) ? null : `like ${say.likeness(alikeness)}`];
  made.append(node('p', { class: 'figures' }, figures.filter((figure) => figure && figure !== UNKNOWN).join(' \u00b7 ')));
  if (answer.state !== 'whole') made.append(node('p', { class: 'trouble' }, '\u2717 ', STATES[answer.state] ?? answer.state, answer.class ? node('span', {}, ': ', visible(answer.class), ' \u2013 ', visible(answer.message)) : ''));
  if (answer.regressed) made.append(node('p', { class: 'trouble' }, '\u25bc regressed'));
  if (answer.verdicts.length > 0) made.append(node('ul', { class: 'verdicts' }, ...answer.verdicts.map(verdictOf)));
  made.append(node('div', { class: 'said', dir: 'auto' }, state.diff ? compared(data, answer, opened) : excerpt(answer.text, opened)));
  return made;
}

function verdictOf({ check, outcome, reason, score: degree }) {
  const sign = { passed: '\u2713', failed: '\u2717', unknown: '?' }[outcome];
  const more = [known(degree) ? say.likeness(degree) : '', reason ?? ''].filter(Boolean).join(' \u2013 ');
  return node('li', { class: outcome }, `${sign} `, node('span', { class: 'spoken' }, `${outcome} `), node('code', {}, visible(check)), more ? node('small', {}, visible(more)) : null);
}

// The answer as what changed from the baseline's; whole where there is no other, or hardly a word in common.
function compared(data, answer, opened) {
  const reference = data.answers.find((one) => one.model === state.baseline && one.repeat === answer.repeat);
  if (!reference || answer.model === state.baseline || answer.text.length === 0 || reference.text.length === 0) return excerpt(answer.text, opened);
  const cut = (text) => (opened ? text : text.slice(0, COMPARED));
  const { by, parts } = diff(cut(reference.text), cut(answer.text));
  const shown = document.createDocumentFragment();
  if (by === 'whole' || stayed(parts) < 0.2) {
    shown.append(node('span', { class: 'how' }, 'rewritten: hardly a word in common'), excerpt(answer.text, opened));
    return shown;
  }
  if (by === 'lines') shown.append(node('span', { class: 'how' }, 'too long for words: compared by lines'));
  let room = opened ? OPENED : CLOSED;
  const tags = { same: 'span', gone: 'del', new: 'ins' };
  for (const { kind, text } of parts) {
    if (room <= 0) {
      shown.append('\u2026');
      break;
    }
    shown.append(node(tags[kind], {}, visible(text.slice(0, room))));
    room -= text.length;
  }
  return shown;
}

const transcript = ({ title, outcome, sections }) => node('details', { class: 'transcript' },
  node('summary', {}, visible(title), ' ', node('b', {}, visible(outcome))),
  ...sections.flatMap((section) => [node('h4', {}, visible(section.title)), node('div', { class: 'said', dir: 'auto' }, excerpt(section.text, true))]));
