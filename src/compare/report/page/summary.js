// The run at a glance: tiles, notes, the table of models, the statistics.

// A model is told by a shape and a colour, so that either is enough.
const SHAPES = [
  'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12z',
  'M3 3h10v10h-10z',
  'M8 2l6.5 11.5h-13z',
  'M8 1l7 7l-7 7l-7-7z',
  'M6 2h4v4h4v4h-4v4h-4v-4h-4v-4h4z',
  'M8 14.5l-6.5-11.5h13z',
  'M8 1l6.7 4.9l-2.6 7.8h-8.2l-2.6-7.8z',
  'M8 0.8l2 5h5.2l-4.2 3.2l1.6 5.4l-4.6-3.3l-4.6 3.3l1.6-5.4l-4.2-3.2h5.2z',
];
const look = (model) => `m${model % SHAPES.length}`;
const shape = (model) => SHAPES[(model + Math.floor(model / SHAPES.length)) % SHAPES.length];

const mark = (model) => drawn('svg', { class: `mark ${look(model)}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' },
  drawn('path', { d: shape(model) }));

// Long names break after a slash first.
const broken = (name) => name.split('/').flatMap((piece, at) => (at > 0 ? ['/', node('wbr'), visible(piece)] : [visible(piece)]));
const named = (model) => node('span', { class: 'name' }, mark(model), node('bdi', {}, ...broken(models[model].name)));
const asked = (model) => model.whole + model.truncated + model.refused + model.failed;

function drawHead() {
  byId('title').append(visible(head.title));
  const made = new Date(head.created);
  byId('about').append(`${made.toLocaleString('en', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })} UTC`);
  byId('command').append(visible(head.command));
  byId('origin').append('Prices ', node('b', {}, visible(head.prices)), ' \u00b7 seed ', node('b', {}, visible(head.seed)));
  if (head.checks.length > 0) {
    byId('origin').append(' \u00b7 checks ');
    head.checks.forEach((check) => byId('origin').append(node('code', {}, visible(check)), ' '));
  }
  byId('notes').append(...head.notes.map((note) => node('li', {}, visible(note))));
}

function drawTiles() {
  const sum = (of) => models.reduce((total, model) => total + of(model), 0);
  const { cost, cost_unknown: unknown, wall_ms: wall } = head.totals;
  const tiles = [
    ['Prompts', say.count(lines.length)],
    ['Models', say.count(models.length)],
    ['Answers', say.count(sum(asked)), sum((model) => model.failed) > 0 ? `${say.count(sum((model) => model.failed))} failed` : ''],
    ['Checks passed', sum((model) => model.checked) > 0 ? say.share(sum((model) => model.passed) / sum((model) => model.checked)) : UNKNOWN],
    ['Spent', say.money(cost), unknown > 0 ? `and ${say.count(unknown)} of unknown cost` : ''],
    ['Wall time', say.time(wall)],
  ];
  byId('tiles').append(...tiles.map(([title, figure, more]) =>
    node('li', {}, node('span', { class: 'quiet' }, title), node('strong', {}, figure), node('span', { class: 'quiet' }, more ?? ''))));
}

// Every column: its title, what to sort by, what to show, and what is said in small below.
const COLUMNS = [
  { id: 'name', title: 'Model', value: (at) => models[at].name, text: named, small: (at) => models[at].note },
  { id: 'passed', title: 'Passed', value: (at) => (models[at].checked ? models[at].passed / models[at].checked : null),
    text: (at) => passing(models[at]), small: (at) => interval(models[at]), best: 'high' },
  { id: 'alike', title: 'Like baseline', value: (at) => (at === state.baseline ? null : meanLikeness(at)), text: (at, value) => say.likeness(value) },
  { id: 'agreement', title: 'Agreement', value: (at) => models[at].agreement, text: (at, value) => say.likeness(value) },
  { id: 'first', title: 'First text', value: (at) => models[at].first_ms, text: (at, value) => say.time(value), small: (at) => faster(at, 'first_ms'), best: 'low' },
  { id: 'total', title: 'Total', value: (at) => models[at].total_ms, text: total, small: (at) => faster(at, 'total_ms'), best: 'low' },
  { id: 'rate', title: 'Tokens/s', value: (at) => models[at].tokens_per_second, text: (at, value) => say.rate(value), best: 'high' },
  { id: 'input', title: 'In', value: (at) => models[at].input, text: (at, value) => say.rough(value) },
  { id: 'output', title: 'Out', value: (at) => models[at].output, text: (at, value) => say.rough(value),
    small: (at) => (models[at].reasoning > 0 ? `${say.rough(models[at].reasoning)} thinking` : '') },
  { id: 'cost', title: 'Cost', value: (at) => (known(models[at].cost) ? Number(models[at].cost) : null), text: (at, value) => say.money(value),
    small: (at) => (at === state.baseline ? '' : say.ratio(perAnswer(models[at]), perAnswer(models[state.baseline]), 'cheaper', 'dearer')), best: 'low' },
  { id: 'trouble', title: 'No answer', value: (at) => asked(models[at]) - models[at].whole, text: (at, value) => say.count(value), small: (at) => trouble(models[at]) },
];

// Models that failed more often are no cheaper for it.
const perAnswer = (model) => (known(model.cost) && model.whole > 0 ? Number(model.cost) / model.whole : null);
const faster = (at, field) => (at === state.baseline ? '' : say.ratio(models[at][field], models[state.baseline][field], 'faster', 'slower'));
const interval = (model) => (model.checked && model.interval ? model.interval.map(say.share).join(' to ') : '');
const trouble = (model) => ['failed', 'truncated', 'refused'].filter((kind) => model[kind] > 0).map((kind) => `${say.count(model[kind])} ${kind}`).join(', ');

function total(at, value) {
  const deviation = models[at].deviation_ms;
  return node('span', {}, say.time(value), known(deviation) ? node('span', { class: 'quiet' }, ` \u00b1 ${say.time(deviation)}`) : '');
}

function passing(model) {
  if (!model.checked) return UNKNOWN;
  const share = model.passed / model.checked;
  const [low, high] = model.interval ?? [share, share];
  const x = (value) => (value * 60).toFixed(1);
  return node('span', { class: 'passing' }, node('span', {}, say.share(share)),
    drawn('svg', { class: 'meter', viewBox: '0 0 60 8', 'aria-hidden': 'true' },
      drawn('rect', { class: 'track', width: 60, height: 8, rx: 2 }), drawn('rect', { class: 'full', width: x(share), height: 8, rx: 2 }),
      drawn('path', { class: 'interval', d: `M${x(low)} 4H${x(high)}` })));
}

const sorting = { id: null, down: false };

function sortBy(id) {
  sorting.down = sorting.id === id ? !sorting.down : COLUMNS.find((column) => column.id === id).best === 'high';
  sorting.id = id;
  drawSummary();
  byId(`sort-${id}`).focus();
}

// What is unknown stands last, whichever way the others go.
function sorted() {
  const order = models.map((_, at) => at);
  const column = COLUMNS.find(({ id }) => id === sorting.id);
  if (!column) return order;
  const compare = (first, second) => (typeof first === 'string' ? first.localeCompare(second) : first - second);
  return order.sort((first, second) => {
    const [one, other] = [column.value(first), column.value(second)];
    if (!known(one) || !known(other)) return Number(!known(one)) - Number(!known(other)) || first - second;
    return (sorting.down ? -compare(one, other) : compare(one, other)) || first - second;
  });
}

function drawSummary() {
  const heading = ({ id, title }) => {
    const direction = sorting.id !== id ? 'none' : sorting.down ? 'descending' : 'ascending';
    const arrow = { none: '', ascending: '\u25b2', descending: '\u25bc' }[direction];
    return node('th', { scope: 'col', 'aria-sort': direction },
      node('button', { type: 'button', id: `sort-${id}`, onclick: () => sortBy(id) }, title, node('span', { class: 'arrow', 'aria-hidden': 'true' }, arrow)));
  };
  const used = COLUMNS.filter((column) => column.id === 'name' || models.some((_, at) => known(column.value(at))) || column.id === 'alike');
  const best = used.map((column) => bestOf(column));
  const cell = (column, index, at) => {
    const value = column.value(at);
    const small = column.small?.(at) ?? '';
    return node(column.id === 'name' ? 'th' : 'td', { scope: column.id === 'name' ? 'row' : null, class: known(value) && value === best[index] ? 'best' : null },
      node('span', { class: 'figure' }, column.text(at, value)), small ? node('small', {}, visible(small)) : null);
  };
  const line = (at) => node('tr', { 'data-model': at, class: at === state.baseline ? 'baseline' : null },
    ...used.map((column, index) => cell(column, index, at)));
  byId('summary').replaceChildren(node('thead', {}, node('tr', {}, ...used.map(heading))), node('tbody', {}, ...sorted().map(line)));
}

function bestOf({ best, value }) {
  const values = models.map((_, at) => value(at)).filter(known);
  if (!best || values.length < 2 || new Set(values).size < 2) return Number.NaN;
  return best === 'high' ? Math.max(...values) : Math.min(...values);
}

function drawPairs() {
  byId('statistics').hidden = head.pairs.length === 0;
  const line = (pair) => node('tr', {},
    node('th', { scope: 'row' }, named(pair.first), node('small', {}, 'against'), named(pair.second)),
    node('td', {}, node('span', { class: pair.told ? 'told' : 'untold' }, pair.told ? '\u25cf ' : '\u25cb ', visible(pair.verdict)),
      node('small', {}, visible(pair.measure), ': ', visible(pair.result)), node('small', {}, visible(pair.test))));
  byId('pairs').replaceChildren(node('tbody', {}, ...head.pairs.map(line)));
}
