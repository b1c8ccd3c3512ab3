// Calls of the public API. The token lives in this variable and nowhere else: a reload asks for it again.
let token = null;

const listeners = new Set();
export const session = { signedIn: false, needsToken: false, operator: false, known: false, offline: false };

export function onSession(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(values) {
  if (Object.keys(values).some(key => session[key] !== values[key])) {
    Object.assign(session, values);
    listeners.forEach(listener => listener());
  }
}

export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super((body && (body.detail || body.message)) || (status ? `The answer was ${status}.` : 'The program does not answer.'));
    this.status = status;
    this.errors = (body && body.errors) || [];
    this.retryAfter = retryAfter;
  }
}

// Paths are the API's own, whatever path a proxy puts before them.
export const url = path => new URL('.' + path, document.baseURI).href;

async function answered(method, path, { headers = {}, body, signal } = {}) {
  const all = { ...headers };
  if (token) all.Authorization = 'Bearer ' + token;
  let response;
  try {
    response = await fetch(url(path), { method, headers: all, body, signal, credentials: 'omit', cache: 'no-store' });
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    changed({ offline: true });
    throw new Problem(0);
  }
  changed({ offline: false });
  if (response.status === 401) {
    token = null;
    changed({ signedIn: false, needsToken: true });
  }
  return response;
}

/** The raw answer: status, headers and text, of whatever status. */
export async function send(method, path, options) {
  const response = await answered(method, path, options);
  return { status: response.status, ok: response.ok, headers: response.headers, text: await response.text() };
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** The answer's body, or a Problem. */
export async function call(method, path, json, options = {}) {
  const headers = { Accept: 'application/json', ...(options.headers || {}) };
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await send(method, path, { ...options, headers, body: json === undefined ? options.body : JSON.stringify(json) });
  const body = parsed(answer.text);
  if (!answer.ok) throw new Problem(answer.status, body, answer.headers.get('Retry-After'));
  return options.whole ? { ...answer, body } : body;
}

export const get = (path, options) => call('GET', path, undefined, options);

/** Reads a stream of events to its end. Unlike an EventSource, it carries the token in its header. */
export async function stream(path, signal, onEvent) {
  const response = await answered('GET', path, { headers: { Accept: 'text/event-stream' }, signal });
  if (!response.ok) throw new Problem(response.status, parsed(await response.text()), response.headers.get('Retry-After'));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const events = (held + chunk.value).split('\n\n');
      held = events.pop();
      for (const event of events) {
        const found = /^event: (.*)\n(?:id: .*\n)?data: (.*)$/m.exec(event);
        if (found) onEvent(found[1], JSON.parse(found[2]));
      }
    }
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    changed({ offline: true });
    throw new Problem(0);
  }
}

/** Finds out what this caller may do, by asking for what only operators may have. */
export async function probe() {
  try {
    const answer = await send('HEAD', '/api/v1/routes');
    if (answer.status !== 401) {
      changed({ known: true, signedIn: token !== null, needsToken: token !== null, operator: answer.status !== 403 });
    } else {
      changed({ known: true, operator: false });
    }
    return answer.status;
  } catch {
    return 0;
  }
}

export async function signIn(given) {
  token = given;
  const status = await probe();
  return status !== 401 && status !== 0;
}

export function signOut() {
  token = null;
  changed({ signedIn: false, needsToken: true, operator: false });
}

export const query = values => {
  const given = Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length ? '?' + new URLSearchParams(given) : '';
};

const quoted = text => "'" + String(text).replaceAll("'", "'\\''") + "'";

/** The same call as a command; a token is named, never written. */
export function curl(method, path, headers = {}, body) {
  const words = ['curl'];
  if (method !== 'GET') words.push('-X', method);
  if (session.needsToken || session.signedIn) words.push('-H', '"Authorization: Bearer $TOKEN"');
  for (const [name, value] of Object.entries(headers)) words.push('-H', quoted(name + ': ' + value));
  if (body !== undefined && body !== '') words.push('--data-raw', quoted(body));
  words.push(quoted(url(path)));
  return words.join(' ');
}
