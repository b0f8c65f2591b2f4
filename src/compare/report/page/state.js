// The data, what the reader chose, and what follows from both.

const head = JSON.parse(byId('head').textContent);
const lines = byId('rows').textContent.split('\n').filter((line) => line.length > 0);
byId('rows').remove();

const models = head.models;
const state = {
  baseline: head.baseline,
  diff: false,
  only: { disagree: false, failed: false, regressed: false },
  found: null,
  order: 'file',
  repeat: 0,
  threshold: head.disagree_below,
  opened: new Set(),
};

// Rows are read when they are needed and only the last ones kept: a report may be far longer than what fits a page.
const READ = 200;
const read = new Map();
function row(at) {
  let parsed = read.get(at);
  if (!parsed) {
    parsed = JSON.parse(lines[at]);
    if (read.size >= READ) read.delete(read.keys().next().value);
    read.set(at, parsed);
  }
  return parsed;
}

// Does long work in slices so that the page stays smooth; gives what stops it.
function inSlices(count, step, done, progress = () => {}) {
  let at = 0;
  let stopped = false;
  const slice = () => {
    const until = performance.now() + 8;
    while (at < count && performance.now() < until && !stopped) step(at++);
    if (stopped) return;
    progress(at / count);
    if (at < count) setTimeout(slice);
    else done();
  };
  slice();
  return () => { stopped = true; };
}

// What filters, orders and plots must know of every row.
const facts = lines.map(() => ({ failed: false, regressed: false, differs: false, slow: 0, dear: 0 }));
const times = { first: models.map(() => []), total: models.map(() => []) };
let repeats = 1;

const whole = (answer) => answer.state === 'whole';
const sound = (answer) => whole(answer) && answer.verdicts.every((verdict) => verdict.outcome === 'passed');

function learn(at) {
  const { answers, differences } = JSON.parse(lines[at]);
  const fact = facts[at];
  const passed = answers.filter(whole).map(sound);
  fact.failed = answers.some((answer) => !sound(answer));
  fact.regressed = answers.some((answer) => answer.regressed);
  fact.differs = (differences ?? []).length > 0 || new Set(passed).size > 1;
  for (const answer of answers) {
    fact.slow = Math.max(fact.slow, answer.total_ms ?? 0);
    fact.dear += Number(answer.cost ?? 0);
    repeats = Math.max(repeats, answer.repeat + 1);
    if (!whole(answer)) continue;
    if (known(answer.first_ms)) times.first[answer.model].push(answer.first_ms);
    if (known(answer.total_ms)) times.total[answer.model].push(answer.total_ms);
  }
  alike(at, head.baseline, answers);
}

// How like the baseline's answer each answer of a row is, per baseline: the mean over repeats, NaN where nothing compares. What
// failed, was cut or refused is no unlike answer: it is none.
const alikes = new Map();
function alikeTo(baseline) {
  if (!alikes.has(baseline)) {
    alikes.set(baseline, { means: new Float32Array(lines.length * models.length).fill(Number.NaN), done: false });
  }
  return alikes.get(baseline);
}

function likenessOf(answer, answers, baseline) {
  if (!whole(answer)) return Number.NaN;
  const reference = answers.find((other) => other.model === baseline && other.repeat === answer.repeat);
  if (!reference || !whole(reference)) return Number.NaN;
  if (baseline === head.baseline && known(answer.similarity)) return answer.similarity;
  return likeness(answer.text, reference.text);
}

function alike(at, baseline, answers) {
  const { means } = alikeTo(baseline);
  models.forEach((_, model) => {
    if (model === baseline) return;
    const values = answers.filter((answer) => answer.model === model)
      .map((answer) => likenessOf(answer, answers, baseline)).filter(known);
    means[at * models.length + model] = values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

function meanLikeness(model) {
  const { means, done } = alikeTo(state.baseline);
  if (!done || model === state.baseline) return Number.NaN;
  let [sum, count] = [0, 0];
  for (let at = model; at < means.length; at += models.length) {
    if (!Number.isNaN(means[at])) {
      sum += means[at];
      count += 1;
    }
  }
  return sum / count;
}

function lowest(at) {
  const { means } = alikeTo(state.baseline);
  let low = 2;
  for (let model = 0; model < models.length; model += 1) {
    const value = means[at * models.length + model];
    if (value < low) low = value;
  }
  return low;
}

const kinds = {
  disagree: (at) => facts[at].differs || lowest(at) < state.threshold,
  failed: (at) => facts[at].failed,
  regressed: (at) => facts[at].regressed,
};

const orders = {
  file: null,
  likeness: (at) => lowest(at),
  slow: (at) => -facts[at].slow,
  dear: (at) => -facts[at].dear,
};

// The rows to show, in their order.
function chosen() {
  const wanted = Object.keys(kinds).filter((kind) => state.only[kind]);
  const rows = [];
  for (let at = 0; at < lines.length; at += 1) {
    if ((!state.found || state.found[at]) && wanted.every((kind) => kinds[kind](at))) rows.push(at);
  }
  const key = orders[state.order];
  if (!key) return rows;
  const keys = new Map(rows.map((at) => [at, key(at)]));
  return rows.sort((first, second) => keys.get(first) - keys.get(second) || first - second);
}

function matches(at, words) {
  const { id, prompt, system, answers } = JSON.parse(lines[at]);
  return [id, prompt, system ?? '', ...answers.map((answer) => answer.text)].some((text) => text.toLowerCase().includes(words));
}

// The score of a model, from 0 to 1: checks where there are any, else how far the others agree with it.
const score = (model) => (model.checked > 0 ? model.passed / model.checked : model.agreement);
