// The small parts that every page is made of. Text is always a child of an element, never markup.
import { h } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import htm from 'htm';
import { session, onSession } from './api.js';

export const html = htm.bind(h);

export const number = value => (value === null || value === undefined ? '–' : Number(value).toLocaleString('en-US'));

export const millis = value =>
  value === null || value === undefined ? '–' : value >= 1000 ? (value / 1000).toFixed(value >= 10000 ? 0 : 1) + ' s'
    : value >= 10 ? Math.round(value) + ' ms' : value.toFixed(1) + ' ms';

export const rate = value => (value === null ? '–' : value === 0 ? '0' : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US'));

export function span(ms) {
  const sign = ms < 0 ? '-' : '';
  const value = Math.abs(ms);
  if (value < 1000) return sign + Math.round(value) + ' ms';
  if (value < 60000) return sign + (value / 1000).toFixed(value < 10000 ? 2 : 1) + ' s';
  if (value < 3600000) return sign + Math.floor(value / 60000) + ' min ' + Math.round((value % 60000) / 1000) + ' s';
  return sign + Math.floor(value / 3600000) + ' h ' + Math.round((value % 3600000) / 60000) + ' min';
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

export function Time({ at }) {
  if (!at) return html`<span class="muted">–</span>`;
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  return html`<time datetime=${at} title=${at} class="num">${today ? '' : day.format(date) + ' '}${clock.format(date)}</time>`;
}

const TONES = {
  processed: 'ok', Started: 'ok', live: 'ok', replayed: 'ok', done: 'ok',
  retrying: 'warn', replaying: 'warn', Suspended: 'warn', waiting: 'warn', running: 'warn', queued: 'warn', Replaced: 'warn', interrupted: 'warn',
  'dead-lettered': 'bad', open: 'bad', rejected: 'bad', Stopped: 'bad', failed: 'bad',
};

export const Badge = ({ state, tone }) => html`<span class=${'badge ' + (tone || TONES[state] || '')}>${state}</span>`;

export function useSession() {
  const [, redraw] = useState(0);
  useEffect(() => onSession(() => redraw(count => count + 1)), []);
  return session;
}

/** Calls the function now and then every so many milliseconds while the page is visible. */
export function usePolling(action, every, inputs) {
  useEffect(() => {
    let ended = false;
    let timer;
    const turn = async () => {
      if (!document.hidden) await action(() => ended);
      if (!ended) timer = setTimeout(turn, every);
    };
    turn();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, inputs);
}

export function useTitle(title) {
  useEffect(() => {
    document.title = title + ' · Caravan';
  }, [title]);
}

export function Copy({ text, label = 'Copy' }) {
  const [done, setDone] = useState(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone('Copied');
    } catch {
      setDone('Not allowed here');
    }
    setTimeout(() => setDone(null), 1500);
  };
  return html`<button type="button" class="small" onClick=${copy}><span aria-live="polite">${done || label}</span></button>`;
}

export function Failure({ problem, children }) {
  if (!problem) return null;
  return html`<div class="notice bad" role="alert">
    <div>${problem.message}${problem.retryAfter ? ` Try again in ${problem.retryAfter} s.` : ''}</div>
    ${problem.errors && problem.errors.length > 0 && html`<ul>${problem.errors.map(each => html`<li><code>${each.pointer || '/'}</code> ${each.detail}</li>`)}</ul>`}
    ${children}
  </div>`;
}

export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

/** JSON is indented, anything else shown as it is. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Runs a library that is no module; it leaves its name in the page. Several run in the order of the calls. */
export const script = src => new Promise((resolve, reject) => {
  document.head.append(Object.assign(document.createElement('script'), { src, async: false, onload: resolve, onerror: reject }));
});

/** A part of a page whose file is loaded when it is first shown. */
export const later = load => props => {
  const [View, setView] = useState(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let ended = false;
    load().then(module => ended || setView(() => module.default), () => ended || setFailed(true));
    return () => { ended = true; };
  }, []);
  return View ? html`<${View} ...${props} />` : failed ? html`<div class="notice bad" role="alert">This part could not be loaded. Reload the page once the program answers.</div>`
    : html`<${Empty}><span aria-busy="true">Loading…</span><//>`;
};

/** Text with the numbers of its lines, to read or to edit. */
export const Editor = later(() => import('./editor.js'));

export const Code = ({ text, label }) => html`<pre tabindex="0" role="region" aria-label=${label} dir="auto"><code>${text}</code></pre>`;

/** A dialog of the browser's own: it keeps the focus, Escape closes it, and the focus goes back. */
export function Dialog({ title, onClose, children, wide }) {
  const element = useRef();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before && before.isConnected) before.focus();
    };
  }, []);
  return html`<dialog ref=${element} class=${wide ? 'wide' : ''} aria-labelledby="dialog-title" onCancel=${event => { event.preventDefault(); onClose(); }}>
    <div class="dialog-head"><h2 id="dialog-title">${title}</h2>
      <button type="button" class="quiet" aria-label="Close" onClick=${onClose}>✕</button></div>
    ${children}
  </dialog>`;
}

export function Field({ label, hint, children }) {
  return html`<label class="field"><span>${label}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;
}

export const messageLink = id => '#/message/' + encodeURIComponent(id);

/** The messages that this page has sent since it was loaded, newest first. */
export const sent = [];

export function remember(location, what) {
  const id = location && decodeURIComponent(location.replace(/^.*\/api\/v1\/messages\//, ''));
  if (id && !sent.some(each => each.id === id)) {
    sent.unshift({ id, what, at: new Date().toISOString() });
    sent.length = Math.min(sent.length, 20);
  }
  return id;
}
