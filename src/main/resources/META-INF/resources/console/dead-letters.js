import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { call, curl, get, query } from './api.js';
import { Badge, Code, Copy, Dialog, Editor, Empty, Failure, Field, html, messageLink, number, pretty, Time, usePolling, useTitle } from './parts.js';

const FILTERS = ['consumer', 'topic', 'key', 'reason', 'exception', 'text', 'fingerprint', 'since', 'until', 'state'];
const PAGE = 50;

const filterOf = search => Object.fromEntries(FILTERS.filter(name => search[name]).map(name => [name, search[name]]));

const goTo = (filter, id) => {
  location.hash = '#/dead-letters' + (id ? '/' + id : '') + query(filter);
};

/** Lines that were removed and added, by the longest common subsequence. */
export function diff(before, after) {
  const a = before.split('\n');
  const b = after.split('\n');
  if (a.length * b.length > 4e6) return [...a.map(text => ({ sign: '-', text })), ...b.map(text => ({ sign: '+', text }))];
  const rows = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      rows[i][j] = a[i] === b[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
    }
  }
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i++] });
      j++;
    } else if (i < a.length && (j === b.length || rows[i + 1][j] >= rows[i][j + 1])) lines.push({ sign: '-', text: a[i++] });
    else lines.push({ sign: '+', text: b[j++] });
  }
  return lines;
}

function Diff({ before, after }) {
  const lines = diff(before, after);
  if (lines.every(line => line.sign === ' ')) return html`<p class="muted">No change yet.</p>`;
  return html`<div class="diff" role="region" tabindex="0" aria-label="Changes">${lines.map(line => html`<div class=${line.sign === '+' ? 'add' : line.sign === '-' ? 'del' : ''}>${line.sign} ${line.text}</div>`)}</div>`;
}

function Edit({ letter, onClose, onDone }) {
  const before = pretty(letter.payload.text ?? '');
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  let value;
  let wrong = null;
  try {
    value = JSON.parse(text);
  } catch (failure) {
    wrong = failure.message;
  }
  const submit = async event => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await call('POST', `/api/v1/dead-letters/${letter.id}/replay`, { value });
      onDone(`Dead letter ${letter.id} was corrected and goes back to ${letter.consumer}.`);
    } catch (failure) {
      setProblem(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} wide title=${`Edit and replay dead letter ${letter.id}`} onClose=${onClose}>
    <form onSubmit=${submit}>
      <div class="split"><div class="stack"><h3>Value (JSON)</h3><${Editor} autofocus label="Value (JSON)" language="json" value=${text} onInput=${changed => { setText(changed); setProblem(null); }}
        notes=${problem ? problem.errors.map(each => ({ pointer: each.pointer || '', tone: 'bad', text: each.detail })) : []} /><small class="muted">The original stays in the index.</small></div>
      <div class="stack"><h3>Changes</h3><${Diff} before=${before} after=${text} />
        ${wrong && html`<div class="notice warn" role="status">Not JSON yet: ${wrong}</div>`}
        ${problem && html`<div class="notice bad" role="alert"><b>${problem.status === 422 ? `The schema of ${letter.topic} refuses it` : problem.message}</b>
          ${problem.errors.length ? html`<ul>${problem.errors.map(each => html`<li><code>${each.pointer || '/'}</code> ${each.detail}</li>`)}</ul>` : problem.status === 422 && html`<div>${problem.message}</div>`}</div>`}</div></div>
      <div class="actions"><button type="button" onClick=${onClose}>Cancel</button><button class="primary" disabled=${Boolean(wrong) || busy}>Replay corrected</button></div></form><//>`;
}

function Discard({ letter, onClose, onDone }) {
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState(null);
  const submit = async event => {
    event.preventDefault();
    try {
      await call('DELETE', `/api/v1/dead-letters/${letter.id}`, { reason });
      onDone(`Dead letter ${letter.id} was discarded.`);
    } catch (failure) {
      setProblem(failure);
    }
  };
  return html`<${Dialog} title=${`Discard dead letter ${letter.id}?`} onClose=${onClose}><form onSubmit=${submit}>
    <p>It is not processed any more. The audit keeps who discarded it, and why.</p>
    <${Field} label="Reason"><input required maxlength="1000" autofocus value=${reason} onInput=${event => setReason(event.target.value)} /><//>
    <${Failure} problem=${problem} />
    <div class="actions"><button type="button" onClick=${onClose}>Cancel</button><button class="danger">Discard 1 dead letter</button></div></form><//>`;
}

/** First counts, then asks with that number, then shows how far it is. */
function Bulk({ filter, onClose, onDone }) {
  const { state, ...conditions } = filter;
  const [limit, setLimit] = useState(1000);
  const [speed, setSpeed] = useState(100);
  const [plan, setPlan] = useState(null);
  const [run, setRun] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const body = dryRun => ({ ...conditions, limit: Number(limit), ratePerSecond: Number(speed), ...(dryRun ? { dryRun } : {}) });
  const act = async action => {
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (failure) {
      setProblem(failure);
    }
    setBusy(false);
  };
  const count = event => {
    event.preventDefault();
    act(async () => setPlan(await call('POST', '/api/v1/dead-letters/replay', body(true))));
  };
  const start = () => act(async () => setRun(await call('POST', '/api/v1/dead-letters/replay', body(false))));
  const running = run && ['queued', 'running'].includes(run.state);
  usePolling(async ended => {
    if (!running) return;
    try {
      const now = await get(run.location);
      if (!ended()) setRun(now);
    } catch (failure) {
      if (!ended()) setProblem(failure);
    }
  }, 500, [running, run && run.location]);
  const sends = plan ? Math.min(plan.wouldReplay, Number(limit)) : 0;
  const whole = run ? Math.min(run.matching, run.limit) : 0;
  return html`<${Dialog} title="Replay many" onClose=${run ? onDone : onClose}>
    <div class="stack">
    <p>${Object.keys(conditions).length ? html`Open dead letters with ${Object.entries(conditions).map(([name, value], at) => html`${at ? ', ' : ''}<b>${name}</b> <code class="wrap">${value}</code>`)}.` : 'All open dead letters.'}</p>
    ${!run && html`<form onSubmit=${count}><div class="split">
      <${Field} label="At most"><input type="number" min="1" max="1000000" required value=${limit} onInput=${event => { setLimit(event.target.value); setPlan(null); }} /><//>
      <${Field} label="Per second"><input type="number" min="1" max="1000" required value=${speed} onInput=${event => { setSpeed(event.target.value); setPlan(null); }} /><//></div>
      <div aria-live="polite">${plan && html`<dl class="facts"><dt>Match</dt><dd class="num">${number(plan.matching)}</dd>
        <dt>Would be replayed</dt><dd class="num"><b>${number(sends)}</b></dd>
        ${plan.alreadyProcessed > 0 && html`<dt>Processed already</dt><dd class="num">${number(plan.alreadyProcessed)}</dd>`}
        ${plan.parked > 0 && html`<dt>Parked</dt><dd class="num">${number(plan.parked)} (replayed as often as is allowed)</dd>`}
        ${plan.schemaRefuses > 0 && html`<dt>Schema refuses</dt><dd class="num">${number(plan.schemaRefuses)}</dd>`}
        ${plan.unroutable > 0 && html`<dt>Consumer is gone</dt><dd class="num">${number(plan.unroutable)}</dd>`}</dl>`}</div>
      <${Failure} problem=${problem} />
      <div class="actions"><button type="button" onClick=${onClose}>Cancel</button>
        <button disabled=${busy}>${plan ? 'Count again' : 'Count first'}</button>
        ${plan && html`<button type="button" class="primary" disabled=${busy || !sends} onClick=${start}>Replay ${number(sends)} dead letter${sends === 1 ? '' : 's'}</button>`}</div></form>`}
    ${run && html`<div class="row"><${Badge} state=${run.state} /><span class="num" role="status">${number(run.replayed)} of ${number(whole)} replayed${run.skipped ? `, ${number(run.skipped)} skipped` : ''}</span></div>
      <progress max=${Math.max(1, whole)} value=${run.replayed + run.skipped} aria-label="Progress"></progress>
      ${run.error && html`<div class="notice bad">${run.error}</div>`}
      ${run.skips.length > 0 && html`<details><summary>Skipped</summary><ul>${run.skips.map(each => html`<li><a href=${'#/dead-letters/' + each.id}>${each.id}</a> <span class="wrap">${each.reason}</span></li>`)}</ul></details>`}
      <${Failure} problem=${problem} />
      <div class="actions">${running && html`<button class="danger" onClick=${() => act(() => call('DELETE', run.location))}>Stop</button>`}<button class="primary" onClick=${onDone}>${running ? 'Close; it goes on' : 'Done'}</button></div>`}
    </div><//>`;
}

function headerText(value) {
  if (Array.isArray(value)) return value.map(headerText).join(', ');
  return value && typeof value === 'object' ? 'base64: ' + value.base64 : String(value);
}

function Letter({ id, onAct, onClose, version }) {
  const [letter, setLetter] = useState(null);
  const [problem, setProblem] = useState(null);
  const heading = useRef();
  useEffect(() => {
    let ended = false;
    get('/api/v1/dead-letters/' + id).then(found => ended || (setLetter(found), setProblem(null)), failure => ended || setProblem(failure));
    return () => { ended = true; };
  }, [id, version]);
  useEffect(() => { if (letter && heading.current) heading.current.focus({ preventScroll: innerWidth > 1080 }); }, [letter && letter.id]);
  if (problem) return html`<section class="card"><div class="card-body"><${Failure} problem=${problem} /><div><button onClick=${onClose}>Close</button></div></div></section>`;
  if (!letter) return html`<section class="card"><${Empty}>Loading…<//></section>`;
  const open = letter.state === 'open';
  const text = letter.payload.text;
  return html`<section class="card" aria-label=${'Dead letter ' + letter.id}><div class="card-head"><h2 tabindex="-1" ref=${heading}>Dead letter ${letter.id}</h2><${Badge} state=${letter.state} />
      <div class="end"><button type="button" class="quiet" aria-label="Close" onClick=${onClose}>✕</button></div></div>
    <div class="card-body">
      <div class="row"><button type="button" class="primary" disabled=${!open} onClick=${() => onAct('replay', letter)}>Replay</button>
        <button type="button" disabled=${!open || text === null} onClick=${() => onAct('edit', letter)}>Edit…</button>
        <button type="button" class="danger" disabled=${!open} onClick=${() => onAct('discard', letter)}>Discard…</button>
        <${Copy} text=${curl('POST', `/api/v1/dead-letters/${letter.id}/replay`)} label="Replay as curl" /></div>
      <div class="notice bad wrap" dir="auto">${letter.reason}</div>
      <dl class="facts"><dt>Message</dt><dd><a class="mono" href=${messageLink(letter.messageId)}>${letter.messageId}</a></dd>
        <dt>Consumer</dt><dd>${letter.consumer} <span class="muted">of topic</span> ${letter.topic}</dd><dt>Key</dt><dd class="mono">${letter.key ?? '–'}</dd>
        <dt>Exception</dt><dd class="mono">${letter.exception}</dd>
        <dt>Published</dt><dd><${Time} at=${letter.publishedAt} /> <span class="muted">partition ${letter.fromPartition ?? '–'}, offset ${letter.fromOffset ?? '–'}</span></dd>
        <dt>Failed</dt><dd><${Time} at=${letter.firstFailedAt} /> to <${Time} at=${letter.lastFailedAt} /></dd><dt>Replays</dt><dd>${letter.replays}</dd></dl>
      <h3>Payload <span class="num">(${number(letter.payload.size)} bytes${text === null ? ', no UTF-8: Base64' : ''})</span></h3>
      <${Code} label="Payload" text=${text === null ? letter.payload.base64 : pretty(text)} />
      <details><summary>${letter.attempts.length} failed attempt${letter.attempts.length === 1 ? '' : 's'}</summary><div class="scroll" tabindex="0" role="region" aria-label="Attempts"><table><thead><tr><th>At</th><th class="num">Retry</th><th>Route, step</th><th>Reason</th></tr></thead><tbody>
        ${letter.attempts.map(each => html`<tr><td><${Time} at=${each.at} /></td><td class="num">${each.level}</td><td class="wrap">${each.route} ${each.node && html`<span class="muted">${each.node}</span>`}</td><td class="wrap">${each.reason}</td></tr>`)}</tbody></table></div></details>
      <details><summary>Headers</summary><dl class="facts">${Object.entries(letter.headers).map(([name, value]) => html`<dt class="mono">${name}</dt><dd class="mono">${headerText(value)}</dd>`)}</dl></details>
      ${letter.history.length > 0 && html`<details open><summary>History</summary><ul>${letter.history.map(each => html`<li><${Time} at=${each.at} /> ${each.who}: ${each.action} <span class="muted wrap">${each.detail}</span></li>`)}</ul></details>`}
    </div></section>`;
}

function Groups({ filter, version, onChange }) {
  const total = useRef(null);
  const [groups, setGroups] = useState(null);
  const [problem, setProblem] = useState(null);
  usePolling(async ended => {
    try {
      const found = await get('/api/v1/dead-letter-groups');
      if (!ended()) {
        setGroups(found.items);
        const now = found.items.reduce((sum, group) => sum + group.count, 0);
        if (total.current !== null && total.current !== now) onChange();
        total.current = now;
        setProblem(null);
      }
    } catch (failure) {
      if (!ended()) setProblem(failure);
    }
  }, 5000, [version]);
  if (!groups) return html`<${Failure} problem=${problem} />`;
  const most = Math.max(1, ...groups.map(group => group.count));
  return html`<section class="card" aria-label="Kinds of failure"><div class="card-head"><h2>Kinds of failure</h2><span class="muted">open ones, most frequent first</span></div>
    ${!groups.length ? html`<${Empty}>No open dead letters.<//>` : html`<div class="scroll" tabindex="0" role="region" aria-label="Kinds of failure, table"><table><thead><tr><th class="num">Count</th><th class="num">Last hour</th><th>Consumer</th><th>Reason</th><th class="wide-only">Exception</th><th class="wide-only">First</th><th class="roomy">Last</th></tr></thead><tbody>
    ${groups.map(group => html`<tr key=${group.fingerprint + group.consumer} class=${filter.fingerprint === group.fingerprint ? 'on' : ''}>
      <td class="num"><b>${number(group.count)}</b><meter class="visually-hidden" min="0" max=${most} value=${group.count} aria-label="Share"></meter></td>
      <td class=${'num' + (group.lastHour ? ' bad-text' : '')}>${group.lastHour ? '+' + number(group.lastHour) : '0'}</td>
      <td>${group.consumer}${group.consumer !== group.topic ? html` <span class="muted">of ${group.topic}</span>` : ''}</td>
      <td><a class="wrap" href=${'#/dead-letters' + query({ fingerprint: group.fingerprint, consumer: group.consumer, topic: group.topic })}>${group.reason || '(no reason)'}</a></td>
      <td class="mono muted wide-only">${group.exception.replace(/^.*\./, '')}</td><td class="wide-only"><${Time} at=${group.first} /></td><td class="roomy"><${Time} at=${group.last} /></td></tr>`)}</tbody></table></div>`}</section>`;
}

function Filters({ filter }) {
  const [draft, setDraft] = useState(filter);
  useEffect(() => setDraft(filter), [JSON.stringify(filter)]);
  const submit = event => {
    event.preventDefault();
    goTo(draft);
  };
  const input = (name, label, type = 'text') => html`<${Field} label=${label}><input type=${type} value=${draft[name] || ''} onInput=${event => setDraft({ ...draft, [name]: event.target.value })} /><//>`;
  return html`<form class="filters" onSubmit=${submit} aria-label="Filters">
    ${input('topic', 'Topic')}${input('consumer', 'Consumer')}${input('key', 'Key')}${input('reason', 'Reason contains')}${input('text', 'Payload contains')}
    <${Field} label="State"><select value=${draft.state || 'open'} onChange=${event => goTo({ ...draft, state: event.target.value === 'open' ? '' : event.target.value })}>${['open', 'replaying', 'replayed', 'discarded'].map(state => html`<option value=${state}>${state}</option>`)}</select><//>
    <div class="row"><button>Filter</button>${Object.keys(filter).length > 0 && html`<a class="button" href="#/dead-letters">Clear</a>`}</div></form>`;
}

function Audit({ version }) {
  const [page, setPage] = useState(null);
  const [shown, setShown] = useState(false);
  const items = page && page.items;
  const load = after => get('/api/v1/dead-letter-audit' + query({ limit: PAGE, after })).then(
    found => setPage(before => ({ items: after ? [...before.items, ...found.items] : found.items, next: found.next })),
    () => after || setPage({ items: [], next: null }));
  useEffect(() => {
    if (shown) load();
  }, [shown, version]);
  return html`<details onToggle=${event => setShown(event.target.open)}><summary>Audit: who did what</summary>
    ${items && (items.length ? html`<div class="card scroll" tabindex="0" role="region" aria-label="Audit"><table><thead><tr><th>At</th><th>Who</th><th>Action</th><th>Dead letter</th><th>Detail</th></tr></thead><tbody>
      ${items.map(each => html`<tr><td><${Time} at=${each.at} /></td><td>${each.who}</td><td>${each.action}</td><td>${each.deadLetter ? html`<a href=${'#/dead-letters/' + each.deadLetter}>${each.deadLetter}</a>` : each.replay ? 'many' : ''}</td><td class="wrap">${each.detail}</td></tr>`)}</tbody></table></div>` : html`<${Empty}>Nothing yet.<//>`)}
    ${page && page.next !== null && html`<button type="button" onClick=${() => load(page.next)}>Load ${PAGE} older</button>`}</details>`;
}

export default function DeadLetters({ argument, search }) {
  const filter = filterOf(search);
  const mark = JSON.stringify(filter);
  const [page, setPage] = useState({ items: [], next: null });
  const [state, setState] = useState('loading');
  const [problem, setProblem] = useState(null);
  const [at, setAt] = useState(0);
  const [dialog, setDialog] = useState(null);
  const [done, setDone] = useState(null);
  const [version, setVersion] = useState(0);
  const rows = useRef();
  useTitle(argument ? 'Dead letter ' + argument : 'Dead letters');
  const load = async (after, ended = () => false) => {
    try {
      const found = await get('/api/v1/dead-letters' + query({ ...filter, limit: PAGE, after }));
      if (ended()) return;
      setPage(before => ({ items: after ? [...before.items, ...found.items] : found.items, next: found.next }));
      setProblem(null);
      setState('there');
    } catch (failure) {
      if (!ended()) {
        setProblem(failure);
        setState('there');
      }
    }
  };
  useEffect(() => {
    let ended = false;
    setState('loading');
    load(undefined, () => ended);
    return () => { ended = true; };
  }, [mark, version]);
  useEffect(() => setAt(0), [mark]);
  useEffect(() => {
    const row = page.items.findIndex(each => String(each.id) === argument);
    if (row >= 0) setAt(row);
  }, [argument, page.items]);
  const refresh = text => {
    setDialog(null);
    setDone(typeof text === 'string' ? text : null);
    setVersion(count => count + 1);
  };
  const act = async (action, letter) => {
    setDone(null);
    if (action !== 'replay') {
      const whole = letter.payload ? letter : await get('/api/v1/dead-letters/' + letter.id);
      return setDialog({ action, letter: whole });
    }
    try {
      await call('POST', `/api/v1/dead-letters/${letter.id}/replay`);
      refresh(`Dead letter ${letter.id} goes back to ${letter.consumer}.`);
    } catch (failure) {
      setProblem(failure);
    }
  };
  // Before the next key: an effect would come after the next frame, and r could replay the row that j has just left.
  useLayoutEffect(() => {
    const pressed = event => {
      if (dialog || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      const items = page.items;
      if (!items.length) return;
      const move = to => {
        const next = Math.max(0, Math.min(items.length - 1, to));
        setAt(next);
        const row = rows.current && rows.current.children[next];
        if (row) row.scrollIntoView({ block: 'nearest' });
        if (argument) goTo(filter, items[next].id);
      };
      const chosen = items[Math.min(at, items.length - 1)];
      if (event.key === 'j') move(at + 1);
      else if (event.key === 'k') move(at - 1);
      else if (event.key === 'Enter' && !/^(A|BUTTON|SUMMARY)$/.test(event.target.tagName)) goTo(filter, chosen.id);
      else if (event.key === 'r' && chosen.state === 'open') act('replay', chosen);
      else if (event.key === 'e' && chosen.state === 'open') act('edit', chosen);
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  });
  const open = (filter.state || 'open') === 'open';
  return html`<div class="head"><h1>Dead letters</h1><span class="muted"><kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>r</kbd> replays, <kbd>e</kbd> edits</span>
      <div class="end"><button type="button" disabled=${!open || !page.items.length} onClick=${() => setDialog({ action: 'bulk' })}>Replay all that match…</button></div></div>
    <div aria-live="polite">${done && html`<div class="notice ok">${done}</div>`}</div>
    <${Failure} problem=${problem} />
    <${Groups} filter=${filter} version=${version} onChange=${() => page.items.length <= PAGE && load()} />
    <${Filters} filter=${filter} />
    ${filter.fingerprint && html`<div class="row"><span class="badge accent">kind of failure ${filter.fingerprint}</span><a href=${'#/dead-letters' + query({ ...filter, fingerprint: '' })}>all kinds</a></div>`}
    <div class=${argument ? 'side right' : 'stack'}>
      <section class="card" aria-label="List" aria-busy=${state === 'loading' ? 'true' : null}><div class="scroll" tabindex="0" role="region" aria-label="Dead letters, table"><table><thead><tr><th class="num">Id</th><th class="roomy">Consumer</th><th>Key</th><th>Reason</th><th class="num wide-only">Attempts</th><th class="wide-only">Failed</th><th>State</th></tr></thead>
        <tbody ref=${rows}>${page.items.map((each, row) => html`<tr key=${each.id} class=${'pick' + (row === at ? ' on' : '')} onClick=${() => { setAt(row); goTo(filter, each.id); }}>
          <td class="num"><a href=${'#/dead-letters/' + each.id + query(filter)} aria-current=${String(each.id) === argument ? 'true' : null} onClick=${event => event.stopPropagation()}>${each.id}</a></td>
          <td class="roomy">${each.consumer}</td><td class="mono clip" dir="auto">${each.key ?? '–'}</td><td class="clip" dir="auto" title=${each.reason}>${each.reason}</td><td class="num wide-only">${each.attempts}</td><td class="wide-only"><${Time} at=${each.lastFailedAt} /></td><td><${Badge} state=${each.state} /></td></tr>`)}</tbody></table></div>
        ${!page.items.length && html`<${Empty}>${state === 'loading' ? 'Loading…' : 'None match.'}<//>`}
        ${page.next !== null && html`<div class="card-body"><button type="button" onClick=${() => load(page.next)}>Load ${PAGE} more</button></div>`}</section>
      ${argument && html`<${Letter} key=${argument} id=${argument} version=${version} onAct=${act} onClose=${() => goTo(filter)} />`}
    </div>
    <${Audit} version=${version} />
    ${dialog && dialog.action === 'edit' && html`<${Edit} letter=${dialog.letter} onClose=${() => setDialog(null)} onDone=${refresh} />`}
    ${dialog && dialog.action === 'discard' && html`<${Discard} letter=${dialog.letter} onClose=${() => setDialog(null)} onDone=${refresh} />`}
    ${dialog && dialog.action === 'bulk' && html`<${Bulk} filter=${filter} onClose=${() => setDialog(null)} onDone=${() => refresh()} />`}`;
}
