// What runs now: one stream for every page that shows it, kept as the program sends it.
import { useEffect, useState } from 'preact/hooks';
import { get, stream } from './api.js';

const EVERY = 2000;
const KEPT = 60;
const NAMES = { routes: 'id', files: 'name', topics: 'name' };

/** The figures at the last looks, oldest first, so that a page that comes back has its curves. */
export const history = [];

const listeners = new Set();
const state = { link: 'connecting', problem: null };
let ending = null;

function tell(values) {
  Object.assign(state, values);
  listeners.forEach(listener => listener());
}

const sorted = (list, name) => list.sort((a, b) => (a[name] < b[name] ? -1 : 1));

function merged(before, changes) {
  return Object.fromEntries(Object.entries(NAMES).map(([array, name]) => {
    const known = new Map(before[array].map(each => [each[name], each]));
    changes.gone[array].forEach(each => known.delete(each));
    changes[array].forEach(each => known.set(each[name], each));
    return [array, sorted([...known.values()], name)];
  }));
}

function look({ at, ...data }) {
  const last = history[history.length - 1];
  const now = data.gone ? merged(last.data, data) : { routes: data.routes, files: sorted(data.files, 'name'), topics: sorted(data.topics, 'name') };
  history.push({ at: at || Date.now(), data: now });
  if (history.length > KEPT) history.shift();
}

/** Asks for everything, of a program whose stream is missing, stopped or full. */
async function ask() {
  try {
    look(await get('/api/v1/routes'));
    tell({ link: 'polling', problem: null });
  } catch (problem) {
    tell({ link: 'offline', problem: problem.status ? problem : null });
  }
}

function connect() {
  const abort = new AbortController();
  let timer;
  let waits = 0;
  const later = (action, ms) => {
    if (!abort.signal.aborted) timer = setTimeout(action, ms);
  };
  const listen = async () => {
    try {
      await stream('/api/v1/flow/stream', abort.signal, (name, data) => {
        if (name !== 'flow') return;
        waits = 0;
        look(data);
        tell({ link: 'live', problem: null });
      });
      later(listen, 200);
    } catch (problem) {
      if (abort.signal.aborted) return;
      if (problem.status) {
        await ask();
        return later(listen, EVERY);
      }
      tell({ link: 'offline', problem: null });
      waits = Math.min(waits + 1, 4);
      later(listen, 500 * 2 ** waits);
    }
  };
  listen();
  return () => {
    clearTimeout(timer);
    abort.abort();
  };
}

/** The newest look, once there is one, and how it came. It ends with the last page that shows it. */
export function useRunning() {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = () => redraw(count => count + 1);
    listeners.add(listener);
    if (listeners.size === 1) ending = connect();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) ending();
    };
  }, []);
  return { now: history[history.length - 1], ...state };
}
