import { useEffect, useState } from 'preact/hooks';
import { call, curl, get, query, session } from './api.js';
import { Badge, Code, Copy, Empty, Failure, html, messageLink, number, pretty, sent, span, Time, usePolling, useTitle } from './parts.js';

const FINAL = ['processed', 'discarded'];

/** The life of a message as a list of moments, oldest first; a bar leads from a moment to the one that it waits for. */
function life(message) {
  const steps = [];
  const time = at => (at ? Date.parse(at) : null);
  const accepted = message.accepted;
  steps.push({
    at: time(accepted.at), title: 'Accepted', tone: '', consumer: '',
    text: `${accepted.topic}, partition ${accepted.partition ?? '–'}, offset ${accepted.offset ?? '–'}`,
    more: accepted.by && 'by ' + accepted.by,
  });
  if (Array.isArray(message.attempts)) {
    message.attempts.forEach((each, at) => {
      // Attempts in place share the place that the last of them leads to.
      const after = message.attempts[at + 1];
      const last = !after || after.consumer !== each.consumer || after.level !== each.level;
      steps.push({
        at: time(each.at), until: last ? time(each.dueAt) : null, title: each.level ? `Attempt failed, retry ${each.level}` : 'Attempt failed', tone: 'bad', consumer: each.consumer,
        text: each.reason, more: [each.route, each.node, each.exception].filter(Boolean).join(' · '),
        next: last && each.next && `→ ${each.next}`,
      });
    });
  }
  for (const each of message.consumers || (message.processed ? [message.processed] : [])) {
    steps.push({ at: time(each.at), title: 'Processed', tone: 'ok', consumer: each.consumer, text: `by consumer ${each.consumer}`, more: each.by && 'on ' + each.by });
  }
  if (Array.isArray(message.deadLetters)) {
    for (const each of message.deadLetters) {
      steps.push({ at: time(each.at), title: 'Dead letter', tone: 'bad', consumer: '', text: each.reason, link: each.id, state: each.state });
      if (each.settledAt) steps.push({ at: time(each.settledAt), title: each.state === 'discarded' ? 'Discarded' : each.state === 'replaying' ? 'Replay begun' : 'Replayed', tone: each.state === 'discarded' ? '' : 'ok', consumer: '', text: `dead letter ${each.id}` });
    }
  }
  if (message.retry) steps.push({ at: time(message.retry.dueAt), title: 'Next attempt is due', tone: 'wait', consumer: '', text: message.retry.topic });
  if (message.read && message.read.at) steps.push({ at: time(message.read.at), title: 'Read', tone: 'ok', consumer: '', text: 'by its recipient' });
  return steps.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
}

function Life({ message }) {
  const steps = life(message);
  const known = steps.flatMap(step => [step.at, step.until]).filter(at => at !== null && at !== undefined);
  const begin = Math.min(...known);
  const whole = Math.max(1, Math.max(...known) - begin);
  const percent = at => ((at - begin) / whole) * 100;
  return html`<div class="life" role="list" aria-label="Life of the message">${steps.map(step => html`<div class="step" role="listitem">
    <div class="when num">${step.at === null ? '–' : '+' + span(step.at - begin)}</div>
    <div class="track" aria-hidden="true">
      ${step.until && step.until > step.at && html`<span class="bar wait" style=${{ left: percent(step.at) + '%', width: percent(step.until) - percent(step.at) + '%' }}></span>`}
      ${step.at !== null && html`<span class=${'bar ' + step.tone} style=${{ left: `min(${percent(step.at)}%, calc(100% - 5px))` }}></span>`}
    </div>
    <div class="about"><span class="title">${step.title}</span> ${step.consumer && html`<span class="badge">${step.consumer}</span>`} ${step.state && html`<${Badge} state=${step.state} />`}
      <div class="wrap" dir="auto">${step.text}</div>
      ${step.more && html`<div class="muted wrap">${step.more}</div>`}
      ${step.next && html`<div class="muted wrap">${step.next}${step.until ? html`, due +${span(step.until - begin)}` : ''}</div>`}
      ${step.link !== undefined && session.operator && html`<a href=${'#/dead-letters/' + step.link}>Open dead letter ${step.link}</a>`}
    </div></div>`)}</div>`;
}

function Payload({ id }) {
  const [letter, setLetter] = useState(null);
  useEffect(() => {
    get('/api/v1/dead-letters/' + id).then(setLetter, () => setLetter(null));
  }, [id]);
  if (!letter) return null;
  const text = letter.payload.text;
  return html`<section class="card"><div class="card-head"><h2>Payload</h2><span class="muted">${letter.payload.size} bytes, as its dead letter keeps it</span>
    <div class="end"><a class="button small" href=${'#/dead-letters?' + new URLSearchParams({ fingerprint: letter.fingerprint })}>Open its group</a></div></div>
    <div class="card-body"><${Code} label="Payload" text=${text === null ? letter.payload.base64 : pretty(text)} /></div></section>`;
}

function Details({ id }) {
  const [message, setMessage] = useState(null);
  const [problem, setProblem] = useState(null);
  const [done, setDone] = useState(null);
  const load = async ended => {
    try {
      const found = await get('/api/v1/messages/' + encodeURIComponent(id));
      if (!ended || !ended()) {
        setMessage(found);
        setProblem(null);
      }
    } catch (failure) {
      if (!ended || !ended()) setProblem(failure);
    }
  };
  usePolling(async ended => {
    // What has ended is not asked for again.
    if (!message || !FINAL.includes(message.state)) await load(ended);
  }, 2000, [id, message && message.state]);
  const replay = async letter => {
    setDone(null);
    try {
      await call('POST', `/api/v1/dead-letters/${letter}/replay`);
      setDone(`Dead letter ${letter} goes back to its consumer.`);
      load();
    } catch (failure) {
      setProblem(failure);
    }
  };
  const path = '/api/v1/messages/' + encodeURIComponent(id);
  const open = message && Array.isArray(message.deadLetters) ? message.deadLetters.filter(each => each.state === 'open') : [];
  const letters = message && Array.isArray(message.deadLetters) ? message.deadLetters : [];
  if (problem && !message) return html`<${Failure} problem=${problem}>${problem.status === 404 && html`<div>Nothing is known under <code>${id}</code>. An order id or a key can be searched above.</div>`}<//>`;
  if (!message) return html`<${Empty}>Looking for it…<//>`;
  return html`<${Failure} problem=${problem} />
    <section class="card"><div class="card-head"><h2 class="mono wrap">${message.messageId}</h2><${Badge} state=${message.state} />
      <div class="end">${session.operator && open.map(each => html`<button type="button" class="small primary" onClick=${() => replay(each.id)}>Replay${open.length > 1 ? ' ' + each.id : ''}</button>`)}
        <${Copy} text=${curl('GET', path)} label="Copy as curl" /><${Copy} text=${location.href} label="Copy link" /></div></div>
      <div class="card-body"><div aria-live="polite">${done && html`<div class="notice ok">${done}</div>`}</div>
      <dl class="facts"><dt>Accepted</dt><dd><${Time} at=${message.accepted.at} /> ${message.accepted.by && html`<span class="muted">by ${message.accepted.by}</span>`}</dd>
        <dt>Kafka</dt><dd>${message.accepted.topic} <span class="muted">partition</span> ${message.accepted.partition ?? '–'} <span class="muted">offset</span> ${message.accepted.offset ?? '–'}</dd>
        ${message.retry && html`<dt>Waits in</dt><dd>${message.retry.topic}, due <${Time} at=${message.retry.dueAt} /></dd>`}
        ${!Array.isArray(message.attempts) && html`<dt>Failed attempts</dt><dd>${message.attempts} <span class="muted">(an operator sees why)</span></dd>`}
        ${message.read && html`<dt>Read</dt><dd>${message.read.at ? html`<${Time} at=${message.read.at} />` : 'not yet'}</dd>`}
        ${message.unknown.length > 0 && html`<dt>Not known</dt><dd>${message.unknown.join('; ')}</dd>`}</dl></div></section>
    <section class="card"><div class="card-head"><h2>Life</h2><span class="muted">times since it was accepted; hatched bars are waits</span></div><${Life} message=${message} /></section>
    ${session.operator && letters.length > 0 && html`<${Payload} id=${letters[0].id} />`}`;
}

const TRACE = /^(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/;

/** Finds messages by what is not their id: an order's id, the key of a record or of a dead letter, a trace id. */
function Search({ text, since }) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let ended = false;
    (async () => {
      const results = { letters: [], records: [], searched: null, order: null };
      const open = id => {
        if (!ended) location.replace(messageLink(id));
        ended = true;
      };
      const ask = async action => {
        try {
          await action();
        } catch (failure) {
          if (failure.status !== 404 && failure.status !== 400) results.problem = failure;
        }
      };
      const trace = TRACE.exec(text);
      const records = async by => {
        const answer = await get('/api/v1/records' + query({ ...by, since }));
        results.records.push(...answer.items);
        results.searched = answer.searched;
      };
      await Promise.all([
        ask(async () => {
          await get('/api/v1/messages/' + encodeURIComponent(text));
          open(text);
        }),
        ask(async () => {
          const answer = await get('/order/' + encodeURIComponent(text), { whole: true });
          results.order = answer.body;
          const message = answer.headers.get('Message-ID');
          if (message && !session.operator) open(message);
        }),
        session.operator && ask(async () => {
          const states = ['open', 'replaying', 'replayed', 'discarded'];
          const pages = await Promise.all(states.map(state => get('/api/v1/dead-letters' + query({ key: text, state, limit: 20 }))));
          results.letters = pages.flatMap(page => page.items);
        }),
        session.operator && ask(() => records(trace ? { trace: trace[1] } : { key: text })),
      ]);
      if (ended) return;
      const ids = new Set([...results.records, ...results.letters].map(each => each.messageId));
      if (ids.size === 1) open([...ids][0]);
      else setFound(results);
    })();
    return () => { ended = true; };
  }, [text, since]);
  if (!found) return html`<${Empty}>Searching…<//>`;
  const { records, letters, order, searched } = found;
  const seen = new Set(records.map(each => each.messageId));
  const rows = [...records, ...letters.filter(each => !seen.has(each.messageId)).map(each => ({ ...each, at: each.lastFailedAt }))];
  const states = new Map(letters.map(each => [each.messageId, each.state]));
  return html`<${Failure} problem=${found.problem} />
    ${order && html`<section class="card"><div class="card-head"><h2>Order ${text}</h2><span class="muted">its newest state</span></div><div class="card-body"><${Code} label="Order" text=${JSON.stringify(order, null, 2)} /></div></section>`}
    ${rows.length > 0 && html`<section class="card" aria-label="Found"><div class="card-head"><h2>${rows.length} messages</h2><span class="muted">of this key or trace, newest first</span></div><div class="scroll" tabindex="0" role="region" aria-label="Messages found"><table><thead><tr><th>Message</th><th>Topic</th><th>Key</th><th>When</th><th>Dead letter</th></tr></thead><tbody>
      ${rows.map(each => html`<tr key=${each.messageId + each.offset}><td><a class="mono wrap" href=${messageLink(each.messageId)}>${each.messageId}</a></td><td>${each.topic}</td><td class="mono clip" dir="auto">${each.key ?? '–'}</td><td><${Time} at=${each.at} /></td><td>${states.has(each.messageId) && html`<${Badge} state=${states.get(each.messageId)} />`}</td></tr>`)}</tbody></table></div></section>`}
    ${!order && !rows.length && html`<div class="notice">Nothing is known under <code>${text}</code>: it is no MessageID, no order's id${session.operator ? ', no key and no trace id' : ''}.</div>`}
    ${searched && !searched.complete && html`<${Older} text=${text} searched=${searched} />`}`;
}

/** What of Kafka was searched, and how to search more of it. */
function Older({ text, searched }) {
  const [from, setFrom] = useState('');
  const submit = event => {
    event.preventDefault();
    location.hash = '#/message' + query({ q: text, since: new Date(from).toISOString() });
  };
  return html`<form class="card card-body" onSubmit=${submit}><div>Keys and traces were searched in ${number(searched.records)} records, back to <${Time} at=${searched.since} />.</div>
    <div class="row"><label class="row"><span>Search from</span><input type="datetime-local" required value=${from} onInput=${event => setFrom(event.target.value)} /></label><button>Search</button></div></form>`;
}

export default function Message({ argument, search }) {
  const [text, setText] = useState(argument || search.q || '');
  useEffect(() => setText(argument || search.q || ''), [argument, search.q]);
  useTitle(argument ? 'Message ' + argument.slice(0, 13) : 'Message');
  const submit = event => {
    event.preventDefault();
    if (text.trim()) location.hash = '#/message?q=' + encodeURIComponent(text.trim());
  };
  return html`<div class="head"><h1>Message</h1><span class="muted">from the request to its effect</span></div>
    <form class="row" role="search" onSubmit=${submit}>
      <input class="grow mono" type="search" aria-label="MessageID, order id, key or trace id" placeholder="MessageID, order id, key or trace id" value=${text} onInput=${event => setText(event.target.value)} />
      <button class="primary">Find</button></form>
    ${argument ? html`<${Details} key=${argument} id=${argument} />` : search.q ? html`<${Search} key=${search.q + search.since} text=${search.q} since=${search.since} />`
      : html`<section class="card"><div class="card-head"><h2>Sent from this page</h2></div>${sent.length
        ? html`<div class="scroll"><table><thead><tr><th>Message</th><th>What</th><th>When</th></tr></thead><tbody>${sent.map(each => html`<tr><td><a class="mono" href=${messageLink(each.id)}>${each.id}</a></td><td class="wrap">${each.what}</td><td><${Time} at=${each.at} /></td></tr>`)}</tbody></table></div>`
        : html`<${Empty}>Nothing yet. Every answer's <code>Location</code> and <code>Message-ID</code> names a message; <a href="#/try">Try</a> sends one.<//>`}</section>`}`;
}
