// From the data to the page: what the head tells at once, the rest as the rows are read.

drawHead();
drawTiles();
options(byId('baseline'), models.map((model, at) => [at, plain(model.name)]), state.baseline);
for (const id of ['across', 'up']) options(byId(id), Object.entries(AXES).map(([value, { name }]) => [value, name]), axes[id]);
byId('threshold').value = state.threshold;
choose('auto');
drawSummary();
drawPairs();
drawHeat();
drawScatter();
listen();
inSlices(lines.length, learn, () => {
  alikeTo(head.baseline).done = true;
  byId('repeats').hidden = repeats < 2;
  options(byId('repeat'), Array.from({ length: repeats }, (_, at) => [at, at + 1]), 0);
  drawSpread();
  settled('reading');
}, status.reading);
