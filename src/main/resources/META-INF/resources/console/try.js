import { useEffect, useState } from 'preact/hooks';
import { curl, get, send, url } from './api.js';
import { Badge, Code, Copy, Empty, Failure, Field, html, messageLink, pretty, remember, useTitle } from './parts.js';

let known = null;

const resolve = (document, schema) => {
  let found = schema;
  for (let depth = 0; found && found.$ref && depth < 8; depth++) {
    found = found.$ref.replace(/^#\//, '').split('/').reduce((at, part) => at && at[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  }
  return found || {};
};

function operations(document) {
  return Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods)
    // A stream has its own page, and no end that a form could wait for.
    .filter(([method, operation]) => !operation.responses?.['200']?.content?.['text/event-stream'] && ['get', 'post', 'put', 'patch', 'delete'].includes(method))
    .map(([method, operation]) => ({ path, method: method.toUpperCase(), id: operation.operationId || `${method}-${path}`, tag: (operation.tags || ['other'])[0], ...operation })));
}

const first = examples => (examples && Object.values(examples)[0] ? Object.values(examples)[0].value : undefined);

/** What the body may look like at first, from the document's own examples. */
function sample(document, content) {
  const schema = resolve(document, content.schema);
  const value = content.example ?? first(content.examples) ?? (schema.examples && schema.examples[0]);
  if (value !== undefined) return value;
  const example = each => {
    const property = resolve(document, each);
    if (property.examples) return property.examples[0];
    if (property.default !== undefined) return property.default;
    if (property.enum) return property.enum[0];
    return { integer: 1, number: 1, boolean: false, array: [], object: {} }[Array.isArray(property.type) ? property.type[0] : property.type] ?? '';
  };
  return schema.properties ? Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, example(each)])) : '';
}

/** A path may break before each of its parts. */
const broken = path => path.split(/(?=\/)/).map(part => html`${part}<wbr />`);

const isForm = type => type === 'application/x-www-form-urlencoded';

function Operation({ document, operation }) {
  const types = Object.keys((operation.requestBody && operation.requestBody.content) || {});
  const [type, setType] = useState(types[0]);
  const content = type && operation.requestBody.content[type];
  const properties = content ? resolve(document, content.schema).properties || {} : {};
  const [values, setValues] = useState({});
  const [body, setBody] = useState('');
  const [fields, setFields] = useState({});
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    if (!content) return;
    const value = sample(document, content);
    setBody(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
    setFields(Object.fromEntries(Object.keys(properties).map(name => [name, value && typeof value === 'object' && value[name] !== undefined ? String(value[name]) : ''])));
  }, [type]);
  const parameters = operation.parameters || [];
  const required = parameters.filter(each => each.required);
  const optional = parameters.filter(each => !each.required);
  const value = each => values[each.in + each.name] ?? '';
  const given = place => parameters.filter(each => each.in === place && value(each) !== '');
  const search = new URLSearchParams(given('query').map(each => [each.name, value(each)])).toString();
  const path = operation.path.replace(/\{(\w+)\}/g, (whole, name) => {
    const text = values['path' + name];
    return text ? encodeURIComponent(text) : whole;
  }) + (search ? '?' + search : '');
  const text = !type ? undefined : isForm(type) ? new URLSearchParams(fields).toString() : body;
  const headers = { ...(type && text ? { 'Content-Type': type === '*/*' ? 'application/json' : type } : {}), ...Object.fromEntries(given('header').map(each => [each.name, value(each)])) };
  const submit = async event => {
    event.preventDefault();
    setProblem(null);
    try {
      const found = await send(operation.method, path, { headers, body: text || undefined });
      setAnswer({ ...found, id: found.ok ? remember(found.headers.get('Location'), `${operation.method} ${operation.path}`) : null });
    } catch (failure) {
      setProblem(failure);
    }
  };
  const input = each => {
    const schema = resolve(document, each.schema);
    return html`<${Field} key=${each.in + each.name} label=${`${each.name} (${each.in}${each.required ? ', required' : ''})`} hint=${each.description}>
      ${schema.enum ? html`<select value=${value(each)} onChange=${event => setValues({ ...values, [each.in + each.name]: event.target.value })}><option value=""></option>${schema.enum.map(one => html`<option value=${one}>${one}</option>`)}</select>`
        : html`<input required=${each.required} value=${value(each)} placeholder=${each.required && each.example !== undefined ? String(each.example) : ''} onInput=${event => setValues({ ...values, [each.in + each.name]: event.target.value })} />`}<//>`;
  };
  const command = curl(operation.method, path, headers, text);
  return html`<section class="card" aria-label=${'Operation ' + operation.id}><div class="card-head"><h2 class="mono wrap">${operation.method} ${operation.path}</h2></div>
    <form class="card-body" onSubmit=${submit}><p class="muted">${operation.summary || operation.description}</p>
      ${required.length > 0 && html`<div class="filters">${required.map(input)}</div>`}
      ${types.length > 1 && html`<${Field} label="Media type"><select value=${type} onChange=${event => setType(event.target.value)}>${types.map(each => html`<option value=${each}>${each}</option>`)}</select><//>`}
      ${type && (isForm(type) ? html`<div class="filters">${Object.keys(properties).map(name => html`<${Field} label=${name} hint=${resolve(document, properties[name]).description}><input value=${fields[name] ?? ''} onInput=${event => setFields({ ...fields, [name]: event.target.value })} /><//>`)}</div>`
        : html`<${Field} label="Body"><textarea rows=${Math.min(16, body.split('\n').length + 1)} spellcheck="false" value=${body} onInput=${event => setBody(event.target.value)}></textarea><//>`)}
      ${optional.length > 0 && html`<details><summary>${optional.length} optional parameters</summary><div class="filters">${optional.map(input)}</div></details>`}
      <div class="stack"><div class="row"><h3>The same from a terminal</h3><${Copy} text=${command} /></div><${Code} label="curl command" text=${command} /></div>
      <div><button class="primary">Send</button></div>
      <${Failure} problem=${problem} />
    </form></section>
    <div aria-live="polite">${answer && html`<section class="card" aria-label="Answer"><div class="card-head"><h2>Answer</h2><${Badge} state=${String(answer.status)} tone=${answer.ok ? 'ok' : 'bad'} />
      ${answer.id && html`<a href=${messageLink(answer.id)}>Follow message <span class="mono">${answer.id}</span></a>`}</div>
      <div class="card-body">${answer.text ? html`<${Code} label="Answer body" text=${pretty(answer.text)} />` : html`<p class="muted">No body.</p>`}
      <details><summary>Headers</summary><dl class="facts">${[...answer.headers].map(([name, each]) => html`<dt class="mono">${name}</dt><dd class="mono">${name === 'location' && answer.id ? html`<a href=${messageLink(answer.id)}>${each}</a>` : each}</dd>`)}</dl></details></div></section>`}</div>`;
}

export default function Try({ argument }) {
  useTitle('Try');
  const [document, setDocument] = useState(known);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    get('/openapi').then(found => setDocument(known = found), setProblem);
  }, []);
  if (!document) return html`<h1>Try</h1><${Failure} problem=${problem} />${!problem && html`<${Empty}>Loading…<//>`}`;
  const all = operations(document);
  const tags = [...new Set(all.map(each => each.tag))];
  const chosen = all.find(each => each.id === argument) || all.find(each => each.path === '/send') || all[0];
  return html`<div class="head"><h1>Try</h1><span class="muted">every operation of <a href=${url('/openapi')} target="_blank" rel="noreferrer">/openapi</a></span></div>
    <div class="side"><nav class="card" aria-label="Operations"><ul class="menu">${tags.map(tag => html`<li key=${tag}><div class="group">${tag}</div><ul class="menu">${all.filter(each => each.tag === tag).map(each => html`<li key=${each.id}>
      <a href=${'#/try/' + encodeURIComponent(each.id)} aria-current=${each === chosen ? 'page' : null}><span class="verb">${each.method}</span><span>${broken(each.path)}</span></a></li>`)}</ul></li>`)}</ul></nav>
      <div class="stack">${chosen && html`<${Operation} key=${chosen.id} document=${document} operation=${chosen} />`}</div></div>`;
}
