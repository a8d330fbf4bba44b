// Bars of ratios, one a tag and mode, as an SVG; the line at 1 is the peer.
const BAR = 16, GAP = 6, LEFT = 250, SCALE = 360, TOP = 30;

export function drawRatios(rows) {
  const height = TOP + rows.length * (BAR + GAP) + 10;
  const bars = rows.map(({ mode, tag, ratio }, i) => {
    const y = TOP + i * (BAR + GAP);
    const width = Math.min(ratio, 1.5) * SCALE;
    const color = ratio <= 1 ? '#2f7d4f' : '#b5452f';
    return `<text x="${LEFT - 8}" y="${y + BAR - 4}" text-anchor="end">${mode} ${tag}</text>`
      + `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${color}"/>`
      + `<text x="${(LEFT + width + 6).toFixed(1)}" y="${y + BAR - 4}">${ratio.toFixed(2)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + 1.5 * SCALE + 60}" height="${height}" font-family="sans-serif" font-size="12">`
    + `<text x="${LEFT}" y="18">time of Auk / time of Lucene, geometric mean (shorter is faster)</text>`
    + bars.join('')
    + `<line x1="${LEFT + SCALE}" x2="${LEFT + SCALE}" y1="${TOP - 4}" y2="${height}" stroke="#333" stroke-dasharray="4 3"/></svg>\n`;
}
