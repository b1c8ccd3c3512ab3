import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { probe, session, signIn, signOut } from './api.js';
import { html, later, useSession } from './parts.js';

const PAGES = [
  { name: 'flow', title: 'Flow', operator: true, load: () => import('./flow.js') },
  { name: 'message', title: 'Message', load: () => import('./message.js') },
  { name: 'inbox', title: 'Inbox', load: () => import('./inbox.js') },
  { name: 'dead-letters', title: 'Dead letters', operator: true, load: () => import('./dead-letters.js') },
  { name: 'routes', title: 'Routes', operator: true, load: () => import('./routes.js') },
  { name: 'try', title: 'Try', load: () => import('./try.js') },
].map(page => ({ ...page, View: later(page.load) }));

/** #/page/argument?name=value */
function place() {
  const [path, search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/');
  let argument = rest.join('/');
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // It is looked for as it stands there.
  }
  return { name, argument, search: Object.fromEntries(new URLSearchParams(search)) };
}

function usePlace() {
  const [at, setAt] = useState(place);
  useEffect(() => {
    const moved = () => setAt(place());
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return at;
}

function SignIn() {
  const [token, setToken] = useState('');
  const [refused, setRefused] = useState(false);
  const submit = async event => {
    event.preventDefault();
    setRefused(false);
    setRefused(!(await signIn(token.trim())));
  };
  return html`<main id="main" class="sign-in"><form class="card" onSubmit=${submit}>
    <h1>Sign in</h1>
    <p class="muted">This program asks for a token. It is kept in this page's memory: a reload asks for it again.</p>
    <label class="field"><span>Token</span>
      <input type="password" autocomplete="off" required autofocus value=${token} onInput=${event => setToken(event.target.value)} /></label>
    ${refused && html`<div class="notice bad" role="alert">The program does not take this token.</div>`}
    <button class="primary">Sign in</button>
  </form></main>`;
}

function Console() {
  const state = useSession();
  const at = usePlace();
  useEffect(() => {
    // Until the program answers for the first time, it is asked again.
    let timer;
    const ask = async () => {
      await probe();
      if (!session.known) timer = setTimeout(ask, 2000);
    };
    ask();
    return () => clearTimeout(timer);
  }, []);
  const pages = PAGES.filter(page => state.operator || !page.operator);
  const page = pages.find(each => each.name === at.name) || pages[0];
  const hidden = !pages.some(each => each.name === at.name) && PAGES.some(each => each.name === at.name);
  const locked = state.needsToken && !state.signedIn;
  return html`<a class="skip" href="#main" onClick=${event => { event.preventDefault(); document.getElementById('main').focus(); }}>Skip to the page</a>
    <header>
      <a class="brand" href="#/"><img src="console/icon.svg" alt="" width="22" height="22" /> Caravan</a>
      ${!locked && state.known && html`<nav aria-label="Pages"><ul>${pages.map(each => html`<li>
        <a href=${'#/' + each.name} aria-current=${each === page ? 'page' : null}>${each.title}</a></li>`)}</ul></nav>`}
      ${state.signedIn && html`<div class="who"><span class="badge">${state.operator ? 'operator' : 'user'}</span>
        <button type="button" class="small" onClick=${signOut}>Sign out</button></div>`}
    </header>
    ${state.offline && html`<div class="banner" role="status">The program does not answer. What you see may be old; the console keeps asking.</div>`}
    ${!state.known ? html`<main id="main"><p class="empty" aria-busy="true">Connecting…</p></main>`
      : locked ? html`<${SignIn} />`
        : html`${hidden && html`<div class="banner" role="status">That page needs the role operator.</div>`}<main id="main" key=${page.name} tabindex="-1"><${page.View} ...${at} /></main>`}`;
}

// The first page is loaded while the program says what this caller may do.
(PAGES.find(page => page.name === place().name) || PAGES[0]).load().catch(() => {});
render(html`<${Console} />`, document.getElementById('console'));
