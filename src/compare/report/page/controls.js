// What the reader can press, and what it does.

const THEMES = { auto: '\u25d0 Auto', light: '\u2600 Light', dark: '\u263e Dark' };
let theme = 'auto';

function choose(next) {
  theme = next;
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId('theme').textContent = THEMES[theme];
  byId('theme').setAttribute('aria-label', `Colours: ${theme}`);
}

const options = (select, entries, chosenOne) => select.append(...entries.map(([value, words]) => node('option', { value, selected: String(value) === String(chosenOne) }, words)));
const works = new Set(['reading']);
function busy(work, on) {
  if (on) works.add(work);
  else works.delete(work);
  document.querySelector('main').setAttribute('aria-busy', String(works.size > 0));
}

let stopLikeness = () => {};
// Against another baseline the likeness of every row is worked out anew, in slices.
function rebase(baseline) {
  state.baseline = baseline;
  stopLikeness();
  busy('likeness', false);
  const measured = alikeTo(baseline);
  if (!measured.done) {
    busy('likeness', true);
    stopLikeness = inSlices(lines.length, (at) => alike(at, baseline, JSON.parse(lines[at]).answers), () => {
      measured.done = true;
      settled('likeness');
    }, status.likeness);
  }
  drawSummary();
  refresh();
}

const status = {
  reading: (share) => { byId('progress').textContent = `Reading the answers: ${say.share(share)}`; },
  likeness: (share) => { byId('progress').textContent = `Comparing with the baseline: ${say.share(share)}`; },
  nothing: () => { byId('progress').textContent = 'Likeness is chrF of the whole answers (their first 20,000 characters), the baseline as the reference. Best figures are in bold.'; },
};

function settled(work) {
  status.nothing();
  drawSummary();
  refresh();
  busy(work, false);
}

// After anything that may change which rows are shown or what stands in them.
function refresh() {
  for (const kind of Object.keys(kinds)) {
    const count = facts.reduce((sum, _, at) => sum + Number(kinds[kind](at)), 0);
    byId(`only-${kind}`).querySelector('b').textContent = say.count(count);
    byId(`only-${kind}`).setAttribute('aria-pressed', String(state.only[kind]));
  }
  byId('view-columns').setAttribute('aria-pressed', String(!state.diff));
  byId('view-diff').setAttribute('aria-pressed', String(state.diff));
  byId('threshold-value').textContent = say.likeness(state.threshold);
  list.heights.clear();
  list.settled = false;
  show();
}

let stopSearch = () => {};
function search() {
  stopSearch();
  busy('search', false);
  const words = byId('search').value.trim().toLowerCase();
  if (words === '') {
    state.found = null;
    return refresh();
  }
  const found = new Uint8Array(lines.length);
  busy('search', true);
  stopSearch = inSlices(lines.length, (at) => { found[at] = Number(matches(at, words)); }, () => {
    state.found = found;
    refresh();
    busy('search', false);
  });
}

function clear() {
  Object.keys(state.only).forEach((kind) => { state.only[kind] = false; });
  byId('search').value = '';
  search();
}

function copy() {
  const done = (words) => { byId('copy').textContent = words; };
  getSelection().selectAllChildren(byId('command'));
  if (!navigator.clipboard) return done('Selected');
  navigator.clipboard.writeText(head.command).then(() => done('Copied'), () => done('Selected'));
}

const on = (id, event, act) => byId(id).addEventListener(event, act);

function listen() {
  on('theme', 'click', () => choose({ auto: 'light', light: 'dark', dark: 'auto' }[theme]));
  on('baseline', 'change', (event) => rebase(Number(event.target.value)));
  on('across', 'change', (event) => { axes.across = event.target.value; drawScatter(); });
  on('up', 'change', (event) => { axes.up = event.target.value; drawScatter(); });
  on('time', 'change', (event) => { timed = event.target.value; drawSpread(); });
  on('copy', 'click', copy);
  Object.keys(kinds).forEach((kind) => on(`only-${kind}`, 'click', () => { state.only[kind] = !state.only[kind]; refresh(); }));
  on('view-columns', 'click', () => { state.diff = false; refresh(); });
  on('view-diff', 'click', () => { state.diff = true; refresh(); });
  let waiting = 0;
  on('search', 'input', () => { busy('search', true); clearTimeout(waiting); waiting = setTimeout(search, 150); });
  on('order', 'change', (event) => { state.order = event.target.value; refresh(); });
  on('repeat', 'change', (event) => { state.repeat = Number(event.target.value); refresh(); });
  on('threshold', 'input', (event) => { state.threshold = Number(event.target.value); refresh(); });
  on('clear', 'click', clear);
  document.addEventListener('keydown', (event) => {
    if (event.target.matches?.('input, select') || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'j' || event.key === 'k') step(event.key === 'j' ? 1 : -1);
    else if (event.key === '/') { event.preventDefault(); byId('search').focus(); }
  });
  // A scroll is told once a frame and before it is drawn: what comes into view is there in time.
  window.addEventListener('scroll', draw, { passive: true });
  let width = window.innerWidth;
  window.addEventListener('resize', () => {
    if (width === window.innerWidth || list.printing) return drawSoon();
    width = window.innerWidth;
    drawScatter();
    drawSpread();
    redraw();
  });
  window.addEventListener('beforeprint', print);
  window.addEventListener('afterprint', printed);
}
