// The list of prompts: only what is near the window is in the page, whatever the number of rows.

// So many pixels above and below the window are ready before they are seen.
const AHEAD = 700;
// Browsers draw no element beyond some ten million pixels.
const MOST = 30000;
const PRINTED = 300;

const list = { rows: [], heights: new Map(), offsets: new Float64Array(1), estimate: 320, mounted: new Map(), printing: false };
const seen = typeof ResizeObserver === 'function' ? new ResizeObserver(() => drawSoon()) : null;

function show() {
  const all = chosen();
  list.rows = all.slice(0, MOST);
  list.place = new Map(list.rows.map((at, index) => [at, index]));
  unmountAll();
  byId('count').textContent = all.length === lines.length ? say.count(all.length) : `${say.count(all.length)} of ${say.count(lines.length)}`;
  byId('empty').hidden = all.length > 0;
  byId('cut').hidden = all.length <= MOST;
  byId('cut').textContent = `The first ${say.count(MOST)} are shown; filter or search to see others.`;
  arrange();
  draw();
}

function arrange() {
  const heights = [...list.heights.values()];
  if (heights.length > 0 && !list.settled) {
    list.estimate = heights.reduce((sum, height) => sum + height, 0) / heights.length;
    list.settled = heights.length >= 8;
  }
  list.offsets = new Float64Array(list.rows.length + 1);
  list.rows.forEach((at, index) => {
    list.offsets[index + 1] = list.offsets[index] + (list.heights.get(at) ?? list.estimate);
  });
  byId('list').style.height = list.printing ? '' : `${list.offsets[list.rows.length]}px`;
}

// The index of the row at a height of the list.
function indexAt(height) {
  let [low, high] = [0, list.rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list.offsets[middle + 1] <= height) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mount(index) {
  const at = list.rows[index];
  if (list.mounted.has(at)) return;
  const made = card(at);
  made.setAttribute('aria-posinset', index + 1);
  made.setAttribute('aria-setsize', list.rows.length);
  // The order in the page is the order of the keyboard.
  const after = [...byId('list').children].find((other) => list.place.get(Number(other.dataset.row)) > index);
  byId('list').insertBefore(made, after ?? null);
  list.mounted.set(at, made);
  seen?.observe(made);
}

function unmount(at) {
  const made = list.mounted.get(at);
  seen?.unobserve(made);
  made.remove();
  list.mounted.delete(at);
}

const unmountAll = () => [...list.mounted.keys()].forEach(unmount);

function draw() {
  if (list.printing) return;
  const top = -byId('list').getBoundingClientRect().top;
  const first = indexAt(Math.max(0, top - AHEAD));
  const last = Math.min(list.rows.length, indexAt(top + window.innerHeight + AHEAD) + 1);
  for (const [at, made] of list.mounted) {
    const index = list.place.get(at);
    const outside = index === undefined || index < first || index >= last;
    if (outside && !made.contains(document.activeElement)) unmount(at);
  }
  for (let index = first; index < last; index += 1) mount(index);
  if (!measure(top)) place();
}

// Takes the true heights, and keeps in place what the reader looks at. Whether anything changed.
function measure(top) {
  const anchor = Math.min(indexAt(Math.max(0, top)), list.rows.length - 1);
  const before = list.offsets[anchor];
  let changed = false;
  for (const [at, made] of list.mounted) {
    const height = made.offsetHeight + 14;
    if (Math.abs((list.heights.get(at) ?? 0) - height) > 0.5) {
      list.heights.set(at, height);
      changed = true;
    }
  }
  if (!changed) return false;
  arrange();
  place();
  const moved = list.offsets[anchor] - before;
  if (top > 0 && Math.abs(moved) > 0.5) window.scrollBy({ top: moved, behavior: 'instant' });
  drawSoon();
  return true;
}

function place() {
  for (const [at, made] of list.mounted) made.style.transform = `translateY(${list.offsets[list.place.get(at)]}px)`;
}

let drawing = false;
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

// What is drawn of the rows is stale: other figures, another view.
function redraw() {
  unmountAll();
  list.heights.clear();
  list.settled = false;
  arrange();
  draw();
}

function open(at) {
  if (!state.opened.delete(at)) state.opened.add(at);
  unmount(at);
  draw();
  list.mounted.get(at)?.querySelector('.open').focus();
}

// To the next or the previous prompt.
function step(by) {
  if (list.rows.length === 0) return;
  const current = document.activeElement?.closest?.('.card');
  const bar = document.querySelector('.bar').offsetHeight;
  const here = current ? list.place.get(Number(current.dataset.row)) : indexAt(Math.max(0, bar - byId('list').getBoundingClientRect().top)) - (by > 0 ? 1 : 0);
  const index = Math.min(list.rows.length - 1, Math.max(0, here + by));
  window.scrollTo({ top: byId('list').getBoundingClientRect().top + window.scrollY + list.offsets[index] - bar - 8, behavior: 'instant' });
  mount(index);
  draw();
  list.mounted.get(list.rows[index]).focus({ preventScroll: true });
}

// Paper has no window: the rows stand one after the other, and not ten thousand of them.
function print() {
  list.printing = true;
  arrange();
  list.rows.slice(0, PRINTED).forEach((_, index) => mount(index));
  byId('cut').hidden = list.rows.length <= PRINTED;
  byId('cut').textContent = `The first ${PRINTED} of ${say.count(list.rows.length)} prompts are printed.`;
}

function printed() {
  list.printing = false;
  show();
}
