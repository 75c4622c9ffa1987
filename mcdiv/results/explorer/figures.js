// Drawing in SVG: scales, axes and a few marks. Knows nothing of coins; colours and fonts are the style sheet's.

const NAMESPACE = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Numbers of `domain` to points of `range`; with `log`, by their logarithm.
export function scale(domain, range, { log = false } = {}) {
  const place = log ? Math.log : (x) => x;
  const [from, to] = domain.map(place);
  const at = (x) => range[0] + ((place(x) - from) / (to - from || 1)) * (range[1] - range[0]);
  return { at, domain, range, log };
}

// About `count` round numbers in the domain; with `log`, the powers of ten, and 2 and 5 where there is room.
export function ticks({ domain: [from, to], log }, count) {
  if (log) return logTicks(from, to, count);
  const raw = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((round) => round * power >= raw * 0.999) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function logTicks(from, to, count) {
  const powers = [];
  for (let e = Math.floor(Math.log10(from)); e <= Math.ceil(Math.log10(to)); e++) powers.push(e);
  const at = (steps) => powers.flatMap((e) => steps.map((step) => Number(`${step}e${e}`)));
  const inside = (x) => x >= from * 0.999 && x <= to * 1.001;
  const fine = at([1, 2, 5]).filter(inside);
  const coarse = at([1]).filter(inside);
  if (fine.length <= count || coarse.length < 2) return fine;
  const every = Math.ceil(coarse.length / count);
  return coarse.filter((_, i) => i % every === 0);
}

const widths = new Map();

// All places are measured before anything is drawn: asking in between would lay the page out anew each time.
export function measure(pictures) {
  for (const svg of pictures) widths.set(svg, Math.max(260, svg.parentElement.clientWidth || 640));
}

export const widthOf = (svg) => widths.get(svg);

// so that a line along an edge keeps its width
const PAD = 2;

// A picture of the size its place has: axes, grid, titles; marks go to `layer`, which is clipped to the axes.
export function frame(svg, { height, x, y, margin = {} }) {
  const { top = 14, right = 26, bottom = 46, left = 58 } = margin;
  const width = widthOf(svg);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
  const across = scale(x.domain, [left, width - right], x);
  const up = scale(y.domain, [height - bottom, top], y);
  const clip = `${svg.id}-clip`;
  const area = { x: left, y: top, width: width - left - right, height: height - top - bottom };
  const layer = element("g", { "clip-path": `url(#${clip})` });
  const labels = element("g");
  svg.replaceChildren(
    element("defs", {}, element("clipPath", { id: clip }, element("rect", { x: left - PAD, y: top - PAD, width: area.width + 2 * PAD, height: area.height + 2 * PAD }))),
    ...axis(across, up, x, y, width),
    layer,
    labels,
  );
  if (y.title) labels.append(text(left, 14, y.title, "title"));
  return { across, up, layer, labels, width, height, area };
}

function axis(across, up, x, y, width) {
  const [left, right] = across.range;
  const [bottom, top] = up.range;
  const marks = ticks(across, x.count ?? (width < 480 ? 4 : 8)).map((value) =>
    text(across.at(value), bottom + 18, (x.format ?? String)(value), "tick", "middle"),
  );
  return [
    ...(y.bare ? [] : grid(up, y.count ?? 5, left, right)),
    ...marks,
    element("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }),
    text((left + right) / 2, bottom + 38, x.title, "title", "middle"),
  ];
}

function grid(up, count, left, right) {
  return ticks(up, count).flatMap((value) => [
    element("line", { class: "grid", x1: left, x2: right, y1: up.at(value), y2: up.at(value) }),
    text(left - 8, up.at(value) + 4, String(value).replace("-", "−"), "tick", "end"),
  ]);
}

export function text(x, y, words, kind, anchor = "start") {
  return element("text", { class: kind, x, y, "text-anchor": anchor }, words);
}

export const segment = (kind, x1, y1, x2, y2) => element("line", { class: kind, x1, y1, x2, y2 });
export const dot = (kind, cx, cy, r = 5) => element("circle", { class: kind, cx, cy, r });

// A line through [x, y] points; it stops where a point is not finite.
export function line(kind, { across, up }, points) {
  return element("path", { class: kind, d: track(points, across, up) });
}

// The area between two lines over the same x.
export function band(kind, { across, up }, lower, upper) {
  const there = track(upper, across, up);
  const back = track([...lower].reverse(), across, up).replace(/^M/, "L");
  return element("path", { class: kind, d: `${there}${back}Z` });
}

// A line that stays level until the next point.
export const steps = (points) => points.flatMap(([x, y], i) => (i ? [[x, points[i - 1][1]], [x, y]] : [[x, y]]));

function track(points, across, up) {
  let pen = "M";
  let path = "";
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) {
      pen = "M";
      continue;
    }
    path += `${pen}${across.at(x).toFixed(2)},${Math.max(-4000, Math.min(8000, up.at(y))).toFixed(2)}`;
    pen = "L";
  }
  return path;
}
