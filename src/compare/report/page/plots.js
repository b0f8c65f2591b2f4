// The plots: models by cost, time and score; latency; agreement.

const AXES = {
  cost: { title: 'Cost of an answer', name: 'cost', of: perAnswer, tick: short.money, say: say.money, best: 'low' },
  total: { title: 'Time to the end', name: 'time', of: (model) => model.total_ms, tick: short.time, say: say.time, best: 'low' },
  first: { title: 'Time to the first text', name: 'first text', of: (model) => model.first_ms, tick: short.time, say: say.time, best: 'low' },
  score: { title: 'Score', name: 'score', of: score, tick: short.share, say: say.share, best: 'high' },
};
const axes = { across: 'cost', up: 'total' };

function drawScatter() {
  const [across, up] = [AXES[axes.across], AXES[axes.up]];
  const points = [];
  const missing = [];
  models.forEach((model, at) => {
    const [x, y] = [across.of(model), up.of(model)];
    if (known(x) && known(y)) points.push({ at, x, y, score: score(model) });
    else missing.push(at);
  });
  byId('scatter-note').replaceChildren('Larger marks score higher; filled ones are beaten in both figures by no other. ');
  if (missing.length > 0) byId('scatter-note').append('Not shown, as a figure is unknown: ', ...missing.map(named));
  const place = byId('scatter-plot');
  if (points.length === 0) return place.replaceChildren(EMPTY());
  const [width, height] = [place.clientWidth, 300];
  const [left, bottom] = [58, height - 40];
  const xs = scale(points.map((point) => point.x), left, width - 16);
  const ys = scale(points.map((point) => point.y), bottom, 18);
  const picture = drawn('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': plain(spoken(points, across, up)) });
  for (const tick of xs.ticks(width / 90)) {
    picture.append(path(`M${xs.place(tick)} 18V${bottom}`, { class: 'grid' }), text(xs.place(tick), bottom + 16, across.tick(tick), { class: 'tick middle' }));
  }
  for (const tick of ys.ticks(5)) {
    picture.append(path(`M${left} ${ys.place(tick)}H${width - 16}`, { class: 'grid' }), text(left - 6, ys.place(tick) + 4, up.tick(tick), { class: 'tick end' }));
  }
  const scaled = (axis, used) => (used.logarithmic ? `${axis.title} (logarithmic)` : axis.title);
  picture.append(text((left + width - 16) / 2, height - 4, scaled(across, xs), { class: 'axis middle' }), text(4, 11, scaled(up, ys), { class: 'axis' }));
  const placed = points.map((point) => ({ ...point, left: xs.place(point.x), top: ys.place(point.y), size: 1 + 0.8 * (point.score ?? 0) }));
  picture.append(...placed.map((point) => dot(point, placed, across, up)), ...labels(placed, width));
  place.replaceChildren(picture);
}

const spoken = (points, across, up) => points.map(({ at, x, y, score: scored }) =>
  `${models[at].name}: ${across.title} ${across.say(x)}, ${up.title} ${up.say(y)}, score ${say.share(scored)}`).join('; ');

function dot(point, points, across, up) {
  const better = (axis, one, other) => (axis.best === 'low' ? one < other : one > other);
  const beaten = points.some((other) => better(across, other.x, point.x) && better(up, other.y, point.y));
  const half = 8 * point.size;
  return drawn('g', { class: `dot ${look(point.at)}${beaten ? ' beaten' : ''}`, transform: `translate(${point.left - half} ${point.top - half}) scale(${point.size})` },
    drawn('title', {}, plain(spoken([point], across, up))), path(shape(point.at)));
}

// Names stand beside their marks, above where there is no room, and move down where one would cover another.
function labels(points, width) {
  const taken = [];
  return [...points].sort((one, other) => one.top - other.top).map((point) => {
    const full = plain(models[point.at].name);
    const name = full.length > 28 ? `${full.slice(0, 27)}\u2026` : full;
    const long = name.length * 7;
    const beside = 9 * point.size + 2;
    const right = point.left + beside + long < width;
    const left = !right && point.left - beside - long > 0;
    const from = right ? point.left + beside : left ? point.left - beside - long : Math.max(2, width - long - 2);
    let top = right || left ? point.top + 4 : point.top - beside - 2;
    while (taken.some((box) => Math.abs(box.top - top) < 14 && box.from < from + long && from < box.from + box.long)) top += 14;
    taken.push({ from, top, long });
    return text(right ? from : from + long, top, name, { class: right ? 'label' : 'label end' });
  });
}

let timed = 'total';
// A figure per answer is a dot; beyond so many a sample tells the same.
const DOTS = 400;

function drawSpread() {
  const lists = times[timed].map((values) => Float64Array.from(values).sort());
  const place = byId('spread-plot');
  const all = lists.flatMap((values) => (values.length ? [values[0], values[values.length - 1]] : []));
  byId('spread-note').textContent = 'Dots are answers, the box holds the middle half of them, its line is the median, the whiskers 5 % to 95 %.';
  if (all.length === 0) return place.replaceChildren(EMPTY());
  const tall = Math.max(58, Math.min(96, 290 / models.length));
  const [width, height] = [place.clientWidth, models.length * tall + 26];
  const xs = scale(all, 12, width - 16);
  const picture = drawn('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': plain(spokenTimes(lists)) });
  for (const tick of xs.ticks(width / 90)) {
    picture.append(path(`M${xs.place(tick)} 0V${height - 22}`, { class: 'grid' }), text(xs.place(tick), height - 6, short.time(tick), { class: 'tick middle' }));
  }
  lists.forEach((values, at) => picture.append(strip(values, at, xs, at * tall)));
  if (xs.logarithmic) byId('spread-note').append(' The axis is logarithmic.');
  place.replaceChildren(picture);
}

const spokenTimes = (lists) => lists.map((values, at) =>
  `${models[at].name}: median ${values.length ? say.time(quantile(values, 0.5)) : 'unknown'}`).join('; ');

function strip(values, at, xs, top) {
  const made = drawn('g', { class: `strip ${look(at)}` });
  const name = plain(models[at].name);
  made.append(drawn('g', { class: 'key', transform: `translate(8 ${top + 3}) scale(0.7)` }, path(shape(at))), text(24, top + 13, name.length > 40 ? `${name.slice(0, 39)}\u2026` : name, { class: 'label' }));
  if (values.length === 0) return made;
  const middle = top + 36;
  let dots = '';
  const step = Math.max(1, values.length / DOTS);
  for (let index = 0; index < values.length; index += step) {
    const value = values[Math.floor(index)];
    // Fractions of the golden ratio spread evenly and need no chance.
    const shift = (((index * 0.618034) % 1) - 0.5) * 22;
    dots += `M${xs.place(value).toFixed(1)} ${(middle + shift).toFixed(1)}h0`;
  }
  const [low, first, median, third, high] = [0.05, 0.25, 0.5, 0.75, 0.95].map((share) => xs.place(quantile(values, share)));
  made.append(path(dots, { class: 'dots' }), path(`M${low} ${middle}H${first}M${third} ${middle}H${high}`, { class: 'whisker' }),
    drawn('rect', { class: 'box', x: first, y: middle - 8, width: Math.max(1, third - first), height: 16, rx: 2 }), path(`M${median} ${middle - 8}v16`, { class: 'median' }));
  return made;
}

function drawHeat() {
  const matrix = head.agreement;
  byId('heat').hidden = matrix.length === 0;
  if (matrix.length === 0) return;
  const heading = (at) => node('th', { scope: 'col', title: plain(models[at].name) }, mark(at), node('span', { class: 'spoken' }, visible(models[at].name)));
  const cell = (value, same) => {
    const made = node('td', {}, same ? '\u00b7' : say.likeness(value));
    if (known(value) && !same) {
      made.style.setProperty('--heat', `${Math.round(Math.min(1, Math.max(0, value)) * 100)}%`);
      made.className = value > 0.55 ? 'heat strong' : 'heat';
    }
    return made;
  };
  const line = (values, at) => node('tr', {}, node('th', { scope: 'row' }, named(at)), ...values.map((value, other) => cell(value, at === other)));
  byId('heat-table').replaceChildren(node('thead', {}, node('tr', {}, node('td'), ...models.map((_, at) => heading(at)))), node('tbody', {}, ...matrix.map(line)));
}
