// chrF as sacrebleu computes it: character n-grams up to 6 without white space, recall counted twice.

const GRAM = 6;
const LIKENESS_LIMIT = 20000;
// What Python's `split` takes for white space.
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function characters(text) {
  const codes = [];
  for (const character of text) {
    if (codes.length === LIKENESS_LIMIT) break;
    if (!SPACE.test(character)) codes.push(character.codePointAt(0));
  }
  return Int32Array.from(codes);
}

// Numbers pairs of integers. A gram is its beginning's number and its last character, so a number stands for it exactly.
class Grams {
  constructor(room) {
    let size = 16;
    while (size < room * 2) size *= 2;
    this.mask = size - 1;
    this.left = new Int32Array(size);
    this.right = new Int32Array(size);
    this.number = new Int32Array(size);
    this.clear();
  }
  clear() {
    this.number.fill(-1);
    this.count = 0;
  }
  of(left, right) {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right + 1, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & this.mask;
    while (this.number[slot] !== -1 && (this.left[slot] !== left || this.right[slot] !== right)) slot = (slot + 1) & this.mask;
    if (this.number[slot] === -1) {
      this.left[slot] = left;
      this.right[slot] = right;
      this.number[slot] = this.count++;
    }
    return this.number[slot];
  }
}

function likeness(answer, reference) {
  if (answer === reference && answer.length <= LIKENESS_LIMIT) return answer.length > 0 ? 1 : Number.NaN;
  const texts = [characters(answer), characters(reference)];
  if (texts[0].length === 0 || texts[1].length === 0) return texts[0].length === texts[1].length ? Number.NaN : 0;
  const grams = new Grams(texts[0].length + texts[1].length);
  const numbers = texts.map((text) => new Int32Array(text.length));
  let precision = 0;
  let recall = 0;
  let orders = 0;
  for (let order = 1; order <= GRAM; order += 1) {
    const [here, there] = texts.map((text) => text.length - order + 1);
    if (here < 1 || there < 1) break;
    grams.clear();
    texts.forEach((text, side) => {
      const own = numbers[side];
      for (let at = 0; at + order <= text.length; at += 1) own[at] = grams.of(own[at], text[at + order - 1]);
    });
    const left = new Int32Array(grams.count);
    for (let at = 0; at < there; at += 1) left[numbers[1][at]] += 1;
    let matches = 0;
    for (let at = 0; at < here; at += 1) if (left[numbers[0][at]]-- > 0) matches += 1;
    precision += matches / here;
    recall += matches / there;
    orders += 1;
  }
  precision /= orders;
  recall /= orders;
  return precision + recall > 0 ? (5 * precision * recall) / (4 * precision + recall) : 0;
}
