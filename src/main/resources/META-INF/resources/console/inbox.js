import { useEffect, useRef, useState } from 'preact/hooks';
import { call, get, query, session, url } from './api.js';
import { Empty, Failure, html, messageLink, remember, Time } from './parts.js';

const EVERY = 2000;
const PAGE = 50;

/**
 * An inbox that stays as the server has it: through its stream where the program has one, else by asking. What the reader sees says
 * which of the two it is.
 */
function useInbox(user) {
  const [inbox, setInbox] = useState({ items: [], unread: null, total: null, link: 'connecting', problem: null });
  const actions = useRef({});
  useEffect(() => {
    let ended = false;
    let source = null;
    let timer = null;
    let waits = 0;
    let seq = null;
    let last = { total: null, unread: null };
    const update = values => ended || setInbox(before => ({ ...before, ...(typeof values === 'function' ? values(before) : values) }));
    const later = (action, ms) => {
      clearTimeout(timer);
      if (!ended) timer = setTimeout(action, ms);
    };
    const base = '/notifications/' + encodeURIComponent(user);
    const page = async () => {
      const count = await get(base + '/count');
      const after = Math.max(0, count.total - PAGE);
      const found = await get(base + query({ limit: PAGE, after }));
      last = count;
      seq = found.notifications.length ? found.notifications[found.notifications.length - 1].id : after;
      update({ items: found.notifications, unread: count.unread, total: count.total, problem: null });
    };
    const poll = async () => {
      try {
        if (!document.hidden) {
          const count = await get(base + '/count');
          if (count.total !== last.total || count.unread !== last.unread) await page();
        }
        waits = 0;
        update({ link: 'polling', problem: null });
        later(poll, EVERY);
      } catch (problem) {
        waits = Math.min(waits + 1, 5);
        update({ link: 'offline', problem: problem.status ? problem : null, unread: null });
        later(poll, EVERY * 2 ** waits);
      }
    };
    const listen = async () => {
      const address = new URL(url(base + '/stream'));
      if (seq !== null) address.searchParams.set('after', seq);
      if (session.signedIn) {
        try {
          address.searchParams.set('ticket', (await call('POST', base + '/stream-tickets')).ticket);
        } catch (problem) {
          // A program without a stream has no tickets either.
          if (problem.status === 404 || problem.status === 405) return poll();
          update({ link: 'offline', problem: problem.status ? problem : null });
          waits = Math.min(waits + 1, 5);
          return later(listen, EVERY * 2 ** waits);
        }
      }
      if (ended) return;
      let opened = false;
      source = new EventSource(address);
      const on = (name, action) => source.addEventListener(name, event => action(JSON.parse(event.data), event));
      source.onopen = () => {
        opened = true;
        waits = 0;
        update({ link: 'live', problem: null });
      };
      on('count', data => {
        const missed = data.total !== last.total;
        last = { total: data.total, unread: data.unread };
        update({ unread: data.unread, total: data.total });
        if (missed && seq === null) page().catch(() => {});
      });
      on('notification', (data, event) => {
        seq = event.lastEventId ? Number(event.lastEventId) : data.id;
        last = { total: seq, unread: data.unread };
        update(before => ({
          items: before.items.some(each => each.id === data.id) ? before.items : [...before.items, data].slice(-200),
          unread: data.unread, total: Math.max(before.total || 0, seq),
        }));
      });
      on('read', data => update(before => ({
        unread: data.unread,
        items: before.items.map(each => (data.id === undefined || data.id === 'all' || each.id === data.id) && !each.readAt ? { ...each, readAt: new Date().toISOString() } : each),
      })));
      on('reset', () => { page().catch(() => {}); });
      const again = ms => {
        source.close();
        update({ link: 'offline' });
        later(listen, ms);
      };
      on('bye', () => again(200));
      source.onerror = () => {
        if (!opened && source.readyState === EventSource.CLOSED && waits === 0) {
          source.close();
          poll();
        } else {
          waits = Math.min(waits + 1, 5);
          again(500 * 2 ** waits);
        }
      };
    };
    actions.current.reload = () => page().catch(problem => update({ problem }));
    (async () => {
      try {
        await page();
      } catch (problem) {
        if (problem.status && problem.status < 500) return update({ link: 'refused', problem, items: [], unread: null });
        update({ link: 'offline', problem: problem.status ? problem : null });
        return later(poll, EVERY);
      }
      listen();
    })();
    return () => {
      ended = true;
      clearTimeout(timer);
      if (source) source.close();
    };
  }, [user, session.signedIn]);
  return [inbox, actions.current];
}

const LINKS = {
  live: ['ok', 'Live: arrives through the stream'],
  polling: ['warn', `No stream here: asked every ${EVERY / 1000} s`],
  offline: ['bad', 'Not connected: trying again'],
  connecting: ['', 'Connecting'],
  refused: ['bad', 'Not yours to read'],
};

function Pane({ user, other, onUser, onUnread, name }) {
  const [inbox, actions] = useInbox(user);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState(null);
  const [last, setLast] = useState(null);
  const end = useRef();
  useEffect(() => onUnread(inbox.unread), [inbox.unread]);
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [inbox.items.length]);
  const act = async action => {
    try {
      await action();
      setProblem(null);
    } catch (failure) {
      setProblem(failure);
    }
  };
  const submit = event => {
    event.preventDefault();
    act(async () => {
      const answer = await call('POST', '/send', { fromID: Number(user), toID: Number(other), message: text }, { whole: true });
      setLast(remember(answer.headers.get('Location'), `Notification from ${user} to ${other}`));
      setText('');
    });
  };
  const read = id => act(async () => {
    await call('POST', `/notifications/${user}/${id === undefined ? '' : id + '/'}read`);
    await actions.reload();
  });
  const person = inbox.items.length ? inbox.items[inbox.items.length - 1].to.name : null;
  const [tone, words] = LINKS[inbox.link];
  return html`<section class="card" aria-label=${'Inbox ' + name}>
    <div class="card-head"><h2>${person || 'User ' + user}</h2>
      ${inbox.unread !== null && html`<span class=${'badge ' + (inbox.unread ? 'accent' : '')}>${inbox.unread} unread of ${inbox.total}</span>`}
      <div class="end"><label class="row"><span class="muted">User</span><input class="num" style=${{ width: '84px' }} inputmode="numeric" pattern="[0-9]+" value=${user} onChange=${event => /^\d+$/.test(event.target.value) && onUser(event.target.value)} /></label>
      <button type="button" class="small" disabled=${!inbox.unread} onClick=${() => read()}>Mark all read</button></div></div>
    <div class="card-head" role="status"><span class=${'dot ' + tone}></span><span class="muted">${words}</span></div>
    <${Failure} problem=${inbox.problem} />
    ${inbox.items.length ? html`<ul class="mail" ref=${end} tabindex="0" aria-label=${'Notifications of ' + (person || user)}>${inbox.items.map(each => html`<li key=${each.id} class=${each.readAt ? '' : 'new'}>
        <span class=${'dot ' + (each.readAt ? '' : 'warn')} aria-hidden="true"></span>
        <span><b>${each.from.name}</b> <span class="muted">#${each.id}</span>${!each.readAt && html`<span class="visually-hidden"> unread</span>`}</span>
        <${Time} at=${each.createdAt} />
        <div class="text" dir="auto">${each.message}</div>
        ${!each.readAt ? html`<button type="button" class="small" onClick=${() => read(each.id)}>Read<span class="visually-hidden"> #${each.id}</span></button>` : html`<span class="muted">read</span>`}
      </li>`)}</ul>` : html`<${Empty}>${inbox.link === 'refused' || inbox.link === 'connecting' ? '' : 'No notifications yet.'}<//>`}
    <form class="card-body" onSubmit=${submit}><label class="field"><span>Message from ${user} to ${other}</span>
      <input required maxlength="10000" value=${text} onInput=${event => setText(event.target.value)} /></label>
      <div class="row"><button class="primary">Send to ${other}</button><span aria-live="polite">${last && html`<a href=${messageLink(last)}>Follow this message</a>`}</span></div>
      <${Failure} problem=${problem} /></form>
  </section>`;
}

export default function Inbox({ search }) {
  const left = search.a || '1';
  const right = search.b || '2';
  const [unread, setUnread] = useState([null, null]);
  const total = left === right ? unread[0] : (unread[0] || 0) + (unread[1] || 0);
  useEffect(() => {
    document.title = (total ? `(${total}) ` : '') + 'Inbox · Caravan';
  }, [total]);
  const move = (a, b) => { location.hash = '#/inbox?' + new URLSearchParams({ a, b }); };
  return html`<div class="head"><h1>Inbox</h1><span class="muted">two users, side by side</span></div>
    <div class="split">
      <${Pane} key=${'a' + left} name="left" user=${left} other=${right} onUser=${user => move(user, right)} onUnread=${count => setUnread(before => [count, before[1]])} />
      <${Pane} key=${'b' + right} name="right" user=${right} other=${left} onUser=${user => move(left, user)} onUnread=${count => setUnread(before => [before[0], count])} />
    </div>`;
}
