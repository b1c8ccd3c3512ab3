// Places boxes and the lines between them: dagre, whose builds are scripts that take graphlib and lodash from globals.
import { script } from './parts.js';

const each = (all, action) => {
  if (Array.isArray(all)) all.forEach((value, at) => action(value, at));
  else Object.entries(all || {}).forEach(([name, value]) => action(value, name));
  return all;
};
const pick = by => (typeof by === 'function' ? by : by === undefined ? value => value : value => value[by]);
const map = (all, by) => {
  const action = pick(by);
  return Array.isArray(all) ? Array.from(all, (value, at) => action(value, at)) : Object.entries(all || {}).map(([name, value]) => action(value, name));
};
const compared = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
/** Values that are measured as undefined do not count. */
const least = (all, by) => all.filter(value => by(value) !== undefined).reduce((found, value) => (found === undefined || by(value) < by(found) ? value : found), undefined);
const range = (from, to, step = 1) => (to === undefined ? range(0, from) : Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, at) => from + at * step));
const merge = (target, ...sources) => {
  sources.forEach(source => each(source, (value, name) => { target[name] = value && typeof value === 'object' ? merge(target[name] || {}, value) : value; }));
  return target;
};
let ids = 0;

// All that the two call of lodash, by the language's own means. Lodash itself would take a quarter of the first view.
globalThis._ = {
  each, forEach: each, forIn: each, map, merge, range,
  cloneDeep: value => structuredClone(value),
  constant: value => () => value,
  defaults: (target, ...sources) => Object.assign(target, ...sources.reverse(), { ...target }),
  filter: (all, by) => Object.values(all || {}).filter(pick(by)),
  find: (all, by) => Object.values(all || {}).find(pick(by)),
  flatten: all => all.flat(),
  has: (target, name) => target !== null && target !== undefined && Object.hasOwn(target, name),
  isArray: Array.isArray,
  isEmpty: all => Object.keys(all || {}).length === 0,
  isFunction: value => typeof value === 'function',
  isUndefined: value => value === undefined,
  keys: all => Object.keys(all || {}),
  last: all => all[all.length - 1],
  mapValues: (all, action) => Object.fromEntries(Object.entries(all).map(([name, value]) => [name, action(value, name)])),
  max: all => least(all, value => (value === undefined ? value : -value)),
  min: all => least(all, value => value),
  minBy: least,
  now: Date.now,
  pick: (target, names) => Object.fromEntries(names.filter(name => name in (target || {})).map(name => [name, target[name]])),
  reduce: (all, action, ...first) => Object.values(all || {}).reduce(action, ...first),
  sortBy: (all, by) => [...all].sort((one, other) => compared(pick(by)(one), pick(by)(other))),
  union: (...all) => [...new Set(all.flat())],
  uniqueId: prefix => prefix + ++ids,
  values: all => Object.values(all || {}),
  zipObject: (names, values) => Object.fromEntries(names.map((name, at) => [name, values[at]])),
};

const ready = Promise.all(['graphlib/dist/graphlib.core.min.js', 'dagre/dist/dagre.core.min.js'].map(file => script('console/lib/' + file)));

/**
 * From left to right.
 *
 * @param boxes {id, width, height}
 * @param links {from, to}
 * @return where each box has its left upper corner, each line its points, and how high it all is
 */
export async function layout(boxes, links, gap) {
  await ready;
  const { graphlib, dagre } = globalThis;
  const graph = new graphlib.Graph({ multigraph: true }).setGraph({ rankdir: 'LR', ranksep: gap, nodesep: 14, edgesep: 8 });
  boxes.forEach(({ id, width, height }) => graph.setNode(id, { width, height }));
  links.forEach(({ from, to }, at) => graph.setEdge(from, to, {}, String(at)));
  dagre.layout(graph);
  const places = new Map(boxes.map(({ id, width, height }) => [id, { x: graph.node(id).x - width / 2, y: graph.node(id).y - height / 2 }]));
  const lines = links.map(({ from, to }, at) => graph.edge(from, to, String(at)).points);
  return { places, lines, height: graph.graph().height };
}
