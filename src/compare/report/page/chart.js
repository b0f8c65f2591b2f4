// What every plot needs: scales that turn logarithmic when the figures spread far, and their ticks.

// Beyond this ratio a linear axis presses all but the largest figures into its corner.
const FAR = 20;

// Maps figures to a place between `from` and `to`, with a little air at both ends.
function scale(values, from, to) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const logarithmic = low > 0 && high / low > FAR;
  const turn = logarithmic ? Math.log10 : (value) => value;
  let [start, end] = logarithmic ? [Math.log10(low), Math.log10(high)] : [low, high];
  const air = (end - start) * 0.08 || Math.abs(end) * 0.1 || 1;
  start = !logarithmic && low >= 0 ? Math.max(0, start - air) : start - air;
  end += air;
  const place = (value) => from + ((turn(value) - start) / (end - start)) * (to - from);
  return { place, logarithmic, ticks: (count) => (logarithmic ? decades(start, end, count) : steps(start, end, count)) };
}

function steps(start, end, count) {
  const rough = (end - start) / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= rough);
  const ticks = [];
  for (let at = Math.ceil(start / step); at * step <= end * (1 + 1e-12); at += 1) ticks.push(at * step);
  return ticks;
}

function decades(start, end, count) {
  const factors = (end - start) * 3 <= count ? [1, 2, 5] : (end - start) * 2 <= count ? [1, 3] : [1];
  const every = Math.max(1, Math.ceil((end - start) / count));
  const ticks = [];
  for (let power = Math.floor(start); power <= end; power += every) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (Math.log10(value) >= start && Math.log10(value) <= end) ticks.push(value);
    }
  }
  return ticks;
}

const text = (x, y, words, properties = {}) => drawn('text', { x: x.toFixed(1), y: y.toFixed(1), ...properties }, words);
const path = (d, properties = {}) => drawn('path', { d, ...properties });
const EMPTY = () => node('p', { class: 'quiet' }, 'There is nothing to draw.');

// A short tick: no trailing zeros.
const short = {
  time: (value) => (value === 0 ? '0' : value < 1000 ? `${Number(value.toPrecision(3))} ms` : `${Number((value / 1000).toPrecision(3))} s`),
  money: (value) => (value === 0 ? '$0' : value < 0.001 ? `$${value.toFixed(10).replace(/0+$/, '')}` : `$${Number(value.toPrecision(3))}`),
  share: (value) => `${Number((value * 100).toPrecision(3))} %`,
};

function quantile(values, share) {
  const at = (values.length - 1) * share;
  const low = Math.floor(at);
  return values[low] + (values[Math.min(low + 1, values.length - 1)] - values[low]) * (at - low);
}
