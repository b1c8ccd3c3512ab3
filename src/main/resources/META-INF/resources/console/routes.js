import { useEffect, useState } from 'preact/hooks';
import { call, get, query } from './api.js';
import { Badge, Dialog, Editor, Empty, Failure, html, millis, number, Time, useTitle } from './parts.js';
import { useRunning } from './running.js';

function Stop({ route, onClose, onDone }) {
  return html`<${Dialog} title=${`Stop ${route.id}?`} onClose=${onClose}><div class="stack">
    <p>${route.operation ? 'Requests to its path are answered with 503 until it is started.' : route.from.startsWith('kafka:') ? 'Records wait in Kafka until it is started. None is lost.' : 'It handles nothing until it is started.'}</p>
    <div class="actions"><button onClick=${onClose}>Cancel</button><button class="danger" autofocus onClick=${onDone}>Stop 1 route</button></div></div><//>`;
}

function Row({ route, onAct }) {
  const running = route.state === 'Started';
  return html`<tr><td><b>${route.id}</b><div class="muted wrap">${route.description}</div></td>
    <td><${Badge} state=${route.state} /></td>
    <td class="wrap">${route.operation ? html`<code>${route.operation.method || 'ANY'} ${route.operation.path}</code>` : html`<code>${route.from}</code>`}</td>
    <td class="num">${number(route.exchanges)}</td><td class=${'num' + (route.failures ? ' bad-text' : '')}>${number(route.failures)}</td><td class="num">${number(route.inFlight)}</td>
    <td class="num">${millis(route.meanMillis)}</td><td class="num">${millis(route.p95Millis)}</td>
    <td class="num"><button type="button" class="small" onClick=${() => onAct(running ? 'stop' : route.state === 'Suspended' ? 'resume' : 'start', route)}>${running ? 'Stop' : route.state === 'Suspended' ? 'Resume' : 'Start'}<span class="visually-hidden"> ${route.id}</span></button></td></tr>`;
}

const place = error => (error.line ? `Line ${error.line}, column ${error.column}: ` : '');

const language = name => (name.endsWith('.xml') ? 'xml' : 'yaml');

const notes = (errors, tone) => errors.map(each => ({ line: each.line, tone, text: (each.column ? place(each) : `Line ${each.line}: `) + each.reason }));

function File({ name, edited, onText }) {
  const [file, setFile] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    let ended = false;
    get('/api/v1/routes/files/' + encodeURIComponent(name)).then(found => {
      if (ended) return;
      setFile(found);
      setProblem(null);
      onText(found.text || '');
    }, failure => ended || setProblem(failure));
    return () => { ended = true; };
  }, [name, edited]);
  return html`<section class="card" aria-label=${'Text of ' + name}><div class="card-head"><h2>Text</h2><span class="muted">of the last edit; edit the file to change it</span></div>
    <${Failure} problem=${problem} />${file && (file.text === null ? html`<${Empty}>It cannot be read.<//>`
      : html`<div class="card-body"><${Editor} label="Text of the file" value=${file.text.replace(/\n$/, '')} language=${language(name)} notes=${[...notes(file.errors, 'bad'), ...notes(file.warnings, 'warn')]} /></div>`)}</section>`;
}

/** Checks a text; nothing writes it anywhere. */
function Draft({ name, text }) {
  const [draft, setDraft] = useState('');
  const [checked, setChecked] = useState(null);
  const [problem, setProblem] = useState(null);
  const check = async event => {
    event.preventDefault();
    setProblem(null);
    setChecked(null);
    const headers = { 'Content-Type': name.endsWith('.xml') ? 'application/xml' : 'application/yaml' };
    try {
      setChecked({ text: draft, ...(await call('POST', '/api/v1/routes/validate' + query({ name }), undefined, { headers, body: draft })) });
    } catch (failure) {
      setProblem(failure);
    }
  };
  return html`<section class="card" aria-label="Draft"><div class="card-head"><h2>Check a draft</h2><span class="muted">its syntax only; nothing is stored and nothing runs</span>
      <div class="end"><button type="button" class="small" disabled=${!text} onClick=${() => setDraft(text)}>Copy the text above</button></div></div>
    <form class="card-body" onSubmit=${check}>
      <${Editor} label=${'Draft of ' + name} value=${draft} language=${language(name)} onInput=${setDraft}
        notes=${checked && checked.text === draft ? notes(checked.errors.filter(each => each.line), 'bad') : []} />
      <div class="actions"><button class="primary">Check</button></div>
      <${Failure} problem=${problem} />
      <div aria-live="polite" class="stack">${checked && (checked.valid
        ? html`<div class="notice ok">Its syntax is right. Whether the components, beans and schemas that it names are there shows when it is saved, or with <code>caravan validate</code>.</div>`
        : checked.errors.map(each => html`<div class="notice bad">${place(each)}${each.reason}</div>`))}</div></form></section>`;
}

export default function Routes({ argument }) {
  useTitle('Routes');
  const { now, problem } = useRunning();
  const data = now && now.data;
  const [failed, setFailed] = useState(null);
  const [stopping, setStopping] = useState(null);
  const [text, setText] = useState('');
  const act = async (action, route) => {
    setFailed(null);
    if (action === 'stop' && !stopping) return setStopping(route);
    setStopping(null);
    try {
      await call('POST', `/api/v1/routes/${encodeURIComponent(route.id)}/${action}`);
    } catch (failure) {
      setFailed(failure);
    }
  };
  if (!data) return html`<h1>Routes</h1><${Failure} problem=${problem} />${!problem && html`<${Empty}>Loading…<//>`}`;
  const files = [...data.files].sort((a, b) => a.name.localeCompare(b.name));
  const chosen = files.find(file => file.name === argument) || files[0];
  const routes = chosen ? data.routes.filter(route => route.file === chosen.name) : [];
  return html`<div class="head"><h1>Routes</h1><span class="muted">${data.routes.length} routes in ${files.length} files; saving a file changes the running program</span></div>
    <${Failure} problem=${problem} /><${Failure} problem=${failed} />
    <div class="side"><nav class="card" aria-label="Route files"><ul class="menu">${files.map(file => {
      const own = data.routes.filter(route => route.file === file.name);
      const down = own.filter(route => route.state !== 'Started').length;
      return html`<li key=${file.name}><a href=${'#/routes/' + encodeURIComponent(file.name)} aria-current=${file === chosen ? 'page' : null}>
        <span class=${'dot ' + (file.state === 'rejected' ? 'bad' : down || file.waiting || file.warnings.length ? 'warn' : 'ok')} aria-hidden="true"></span>
        <span class="grow">${file.name.replace(/\.camel\.(yaml|xml)$/, '')}</span>${file.state === 'rejected' ? html`<${Badge} state="rejected" />` : down ? html`<span class="badge">${down} not running</span>` : ''}</a></li>`;
    })}</ul></nav>
    <div class="stack">${chosen && html`<section class="card" aria-label=${'File ' + chosen.name}><div class="card-head"><h2 class="wrap">${chosen.name}</h2><${Badge} state=${chosen.state} /><span class="muted">last edit <${Time} at=${chosen.edited} /></span></div>
      ${(chosen.error || chosen.waiting || chosen.warnings.length > 0) && html`<div class="card-body">
        ${chosen.error && html`<div class="notice bad"><b>The last edit was rejected; ${routes.length ? 'the previous routes run on' : 'none of its routes runs'}.</b><div class="wrap">${place(chosen.error)}${chosen.error.reason}</div></div>`}
        ${chosen.waiting && html`<div class="notice warn">The last edit is not live yet: ${chosen.waiting}</div>`}
        ${chosen.warnings.map(each => html`<div class="notice warn">Line ${each.line}, ${each.route}: ${each.reason}</div>`)}</div>`}
      <div class="scroll" tabindex="0" role="region" aria-label="Routes of the file"><table><thead><tr><th>Route</th><th>State</th><th>From</th><th class="num">Messages</th><th class="num">Failed</th><th class="num">Now</th><th class="num">Mean</th><th class="num">p95</th><th><span class="visually-hidden">Action</span></th></tr></thead>
        <tbody>${routes.map(route => html`<${Row} key=${route.id} route=${route} onAct=${act} />`)}</tbody></table></div>
      ${!routes.length && html`<${Empty}>No route of this file runs.<//>`}</section>
      <${File} key=${chosen.name} name=${chosen.name} edited=${chosen.edited} onText=${setText} />
      <${Draft} key=${'draft ' + chosen.name} name=${chosen.name} text=${text} />`}</div></div>
    ${stopping && html`<${Stop} route=${stopping} onClose=${() => setStopping(null)} onDone=${() => act('stop', stopping)} />`}`;
}
