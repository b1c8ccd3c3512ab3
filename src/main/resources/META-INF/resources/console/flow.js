import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { layout } from './layout.js';
import { Badge, Empty, Failure, html, later, millis, number, rate, useTitle } from './parts.js';
import { history, useRunning } from './running.js';

// Drawn once there are two looks, when the rest has long been there.
const Chart = later(() => import('./chart.js'));

const INTERNAL = ['operations', 'routes', 'messages', 'dead-letters', 'dead-letter-index', 'replays', 'bulk-replays', 'retention', 'retry', 'publish', 'reliability', 'inbox', 'inbox-stream', 'flow', 'records'];

const changes = (now, before, count) => {
  if (!before) return null;
  const more = count(now.data) - count(before.data);
  // After a restart the counts begin again.
  return more < 0 ? 0 : (more * 1000) / Math.max(1, now.at - before.at);
};

const sum = (list, value) => list.reduce((total, each) => total + (value(each) || 0), 0);
const consumers = data => data.topics.flatMap(topic => topic.consumers);
const attempts = (consumer, name) => consumer[name] + sum(consumer.retries, tier => tier[name]);

/** Which routes lead to a topic, and which of them HTTP enters: a route may hand over to another one. */
function graph(data) {
  const byAddress = new Map(data.routes.map(route => [route.from, route]));
  const reached = route => {
    const seen = new Set();
    const queue = [...route.to];
    while (queue.length) {
      const to = queue.shift();
      if (seen.has(to)) continue;
      seen.add(to);
      // The publishing route's own endpoint only stands for the topic that comes with the message.
      const next = to.startsWith('direct:') && to !== 'direct:publish' ? byAddress.get(to) : null;
      if (next) queue.push(...next.to);
    }
    return [...seen];
  };
  const reach = new Map(data.routes.map(route => [route.id, reached(route)]));
  const files = new Map(data.files.map(file => [file.name, file]));
  // A route that writes to the topic that its message names stands at its own capability's.
  const writesNamed = route => reach.get(route.id).some(to => to.startsWith('kafka:') && to.includes('${'));
  const isTopic = name => data.topics.some(topic => topic.name === name);
  const used = new Set();
  const lanes = data.topics.map(topic => {
    const address = 'kafka:' + topic.name;
    const entries = data.routes.filter(route => route.id !== 'publish' && !route.from.startsWith('kafka:')
      && !(route.from.startsWith('direct:') && data.routes.some(other => other.to.includes(route.from)))
      && (reach.get(route.id).includes(address) || (writesNamed(route) && topic.consumers.some(each => each.name === route.group))));
    entries.forEach(each => used.add(each.id));
    return {
      topic,
      entries,
      consumers: topic.consumers.map(consumer => {
        const process = byAddress.get(`direct:${consumer.name}-process`);
        const consume = data.routes.find(route => route.from === address
          && (route.id === consumer.name + '-consume' || route.to.includes(`direct:${consumer.name}-process`)));
        [process, consume].forEach(each => each && used.add(each.id));
        const effects = (process ? reach.get(process.id) : consume ? consume.to : []).filter(to => !to.startsWith('direct:'));
        return { consumer, process, consume, effects };
      }),
    };
  });
  const others = data.routes.filter(route => !used.has(route.id) && !INTERNAL.includes(route.group) && route.group
    && !route.operation && !(route.from.startsWith('direct:')) && !(route.from.startsWith('kafka:') && isTopic(route.from.slice(6))));
  const internal = data.routes.filter(route => !used.has(route.id) && !others.includes(route));
  return { lanes, others, internal, files };
}

const broken = (route, files) => route && files.get(route.file) && files.get(route.file).state === 'rejected';

function RouteNode({ route, files, children, title, what }) {
  const wrong = broken(route, files);
  return html`<a class=${'node' + (wrong || (route && route.state === 'Stopped') ? ' broken' : '')} href=${route ? '#/routes/' + encodeURIComponent(route.file || '') : '#/routes'} title=${route ? route.description : ''}>
    <span class="name">${title} ${route && route.state !== 'Started' && html`<${Badge} state=${route.state} />`}${wrong && html`<${Badge} state="edit rejected" tone="bad" />`}</span>
    <span class="what">${what}</span>
    ${children}
  </a>`;
}

function Figures({ list }) {
  return html`<span class="figures">${list.map(([name, value, tone]) => html`<span class=${tone || ''}>${name} <b>${value}</b></span>`)}</span>`;
}

/** From this width on, in pixels, a graph is drawn; below, its boxes stand one below the other. */
const DRAWN = 860;

const curve = ([first, ...rest]) => rest.slice(0, -1).reduce(
  (path, { x, y }, at) => `${path}Q${x} ${y} ${(x + rest[at + 1].x) / 2} ${(y + rest[at + 1].y) / 2}`, `M${first.x} ${first.y}`)
  + `L${rest[rest.length - 1].x} ${rest[rest.length - 1].y}`;

/**
 * Boxes and the lines between them.
 *
 * @param boxes {id, kind, view}: the kind says how wide
 * @param links {from, to, tone}
 */
function Graph({ boxes, links }) {
  const plan = useRef();
  const drawn = useRef('');
  const [drawing, setDrawing] = useState(null);
  const draw = () => {
    const width = plan.current.clientWidth;
    const sizes = [...plan.current.querySelectorAll(':scope > .at')].map(each => ({ id: each.dataset.box, width: each.offsetWidth, height: each.offsetHeight }));
    const ends = links.map(({ from, to }) => ({ from, to }));
    const wanted = JSON.stringify([width, sizes, ends]);
    if (wanted === drawn.current) return;
    drawn.current = wanted;
    if (width < DRAWN) setDrawing(null);
    else layout(sizes, ends, width * 0.06).then(found => drawn.current === wanted && setDrawing(found));
  };
  useLayoutEffect(draw);
  useEffect(() => {
    const observer = new ResizeObserver(draw);
    observer.observe(plan.current);
    return () => observer.disconnect();
  }, []);
  return html`<div class="plan-width"><div class="plan" ref=${plan} style=${{ height: drawing ? drawing.height + 'px' : 'auto' }}>
    ${drawing && html`<svg class="wires" aria-hidden="true">${links.map((link, at) => drawing.lines[at] && html`<path d=${curve(drawing.lines[at])} class=${link.tone || ''} />`)}</svg>`}
    ${boxes.map(({ id, kind, view }) => {
      const place = drawing && drawing.places.get(id);
      return html`<div class=${'at ' + kind} key=${id} data-box=${id} style=${place ? { left: place.x + 'px', top: place.y + 'px' } : {}}>${view}</div>`;
    })}</div></div>`;
}

function Entry({ route, files, speed }) {
  return html`<${RouteNode} route=${route} files=${files} title=${route.operation ? `${route.operation.method || 'ANY'} ${route.operation.path}` : route.from} what=${route.id}>
    <${Figures} list=${[['', rate(speed(data => (data.routes.find(each => each.id === route.id) || {}).exchanges || 0)) + '/s'], ['p95', millis(route.p95Millis)], ...(route.failures ? [['failed', number(route.failures), 'bad-text']] : [])]} /><//>`;
}

function Topic({ topic, speed }) {
  return html`<div class="node topic"><span class="name">${topic.name}</span><span class="what">topic</span>
    <${Figures} list=${[['', rate(speed(data => (data.topics.find(each => each.name === topic.name) || {}).published || 0)) + '/s'], ['published', number(topic.published)], ...(topic.notPublished ? [['failed', number(topic.notPublished), 'bad-text']] : [])]} /></div>`;
}

function Tiers({ topic, consumer }) {
  return html`<div class="tiers"><span>retry</span>
    ${consumer.retries.map((tier, at) => html`<span class=${'tier' + (tier.lag > 0 ? ' waits' : '')} title=${tier.topic}>${at + 1}: ${tier.lag === null ? '–' : number(tier.lag)}<span class="visually-hidden"> wait in ${tier.topic}</span></span><span aria-hidden="true">→</span>`)}
    <a class=${'tier dead' + (consumer.openDeadLetters > 0 ? ' some' : '')} href=${'#/dead-letters?' + new URLSearchParams({ consumer: consumer.name, topic: topic.name })} title=${consumer.deadLetterTopic}>${number(consumer.openDeadLetters)} dead letters<span class="visually-hidden"> of ${consumer.name}</span></a></div>`;
}

function Lane({ lane, files, speed }) {
  const { topic } = lane;
  const find = (data, name) => (data.topics.find(each => each.name === topic.name) || { consumers: [] }).consumers.find(each => each.name === name);
  const boxes = lane.entries.map(route => ({ id: 'from ' + route.id, kind: 'entry', view: html`<${Entry} route=${route} files=${files} speed=${speed} />` }));
  const links = lane.entries.map(route => ({ from: 'from ' + route.id, to: 'topic' }));
  boxes.push({ id: 'topic', kind: 'topic-box', view: html`<${Topic} topic=${topic} speed=${speed} />` });
  for (const { consumer, process, consume, effects } of lane.consumers) {
    const speedOf = name => speed(data => (find(data, consumer.name) ? attempts(find(data, consumer.name), name) : 0));
    const failed = attempts(consumer, 'failed');
    const busy = speedOf('received') > 0 ? 'busy' : '';
    boxes.push({ id: 'consumer ' + consumer.name, kind: 'consumer', view: html`<${RouteNode} route=${consume} files=${files} title=${consumer.name} what=${consume ? consume.id : 'consumer'}>
      <${Figures} list=${[['', rate(speedOf('processed')) + '/s'], ['lag', number(consumer.lag), consumer.lag > 0 ? 'warn-text' : ''], ['failed', number(failed), failed ? 'bad-text' : '']]} /><//>` });
    boxes.push({ id: 'effect ' + consumer.name, kind: 'effect', view: html`<${RouteNode} route=${process} files=${files} title=${process ? process.id : 'effect'} what=${process ? process.description : 'within the consuming route'}>
      ${process && html`<${Figures} list=${[['processed', number(attempts(consumer, 'processed'))], ['p95', millis(process.p95Millis)], ...(effects.length ? [['→', [...new Set(effects.map(each => each.split(':')[0]))].join(', ')]] : [])]} />`}<//>` });
    boxes.push({ id: 'tiers ' + consumer.name, kind: 'effect', view: html`<${Tiers} topic=${topic} consumer=${consumer} />` });
    links.push({ from: 'topic', to: 'consumer ' + consumer.name, tone: busy }, { from: 'consumer ' + consumer.name, to: 'effect ' + consumer.name, tone: busy },
      { from: 'consumer ' + consumer.name, to: 'tiers ' + consumer.name, tone: consumer.openDeadLetters > 0 ? 'bad' : 'aside' });
  }
  return html`<section class="lane card" aria-label=${'Topic ' + topic.name}><${Graph} boxes=${boxes} links=${links} />
    ${!lane.entries.length && html`<span class="muted">No route of this program writes to this topic.</span>`}</section>`;
}

function Alone({ route, files }) {
  return html`<section class="lane card" aria-label=${'Route ' + route.id}><${Graph} boxes=${[
    { id: 'from', kind: 'entry', view: html`<span class="node"><span class="name">${route.from}</span></span>` },
    { id: 'route', kind: 'consumer', view: html`<${RouteNode} route=${route} files=${files} title=${route.id} what=${route.description}><${Figures} list=${[['messages', number(route.exchanges)], ['p95', millis(route.p95Millis)]]} /><//>` },
    ...route.to.map(to => ({ id: 'to ' + to, kind: 'effect', view: html`<span class="node"><span class="name">${to}</span></span>` })),
  ]} links=${[{ from: 'from', to: 'route' }, ...route.to.map(to => ({ from: 'route', to: 'to ' + to }))]} /></section>`;
}

const LINKS = {
  live: ['ok', 'Live'],
  polling: ['warn', 'No stream here: asked every 2 s'],
  offline: ['bad', 'Not connected: trying again'],
  connecting: ['', 'Connecting'],
};

export default function Flow() {
  useTitle('Flow');
  const { now, link, problem } = useRunning();
  if (!now) return html`<h1>Flow</h1><${Failure} problem=${problem} />${!problem && html`<${Empty}>Loading…<//>`}`;
  const before = history.length > 1 ? history[Math.max(0, history.length - 4)] : null;
  const speed = count => changes(now, before === now ? null : before, count);
  const looks = history.slice(1);
  const rates = count => looks.map((each, at) => changes(each, history[at], count) || 0);
  const chart = (count, label, color) => looks.length > 0 && html`<${Chart} times=${looks.map(each => each.at)} values=${rates(count)} label=${label} color=${color} />`;
  const { lanes, others, internal, files } = graph(now.data);
  const published = data => sum(data.topics, topic => topic.published);
  const processed = data => sum(consumers(data), consumer => attempts(consumer, 'processed'));
  const failed = data => sum(consumers(data), consumer => attempts(consumer, 'failed'));
  const lags = consumers(now.data).flatMap(consumer => [consumer.lag, ...consumer.retries.map(tier => tier.lag)]);
  const open = consumers(now.data).map(consumer => consumer.openDeadLetters);
  const rejected = now.data.files.filter(file => file.state === 'rejected');
  return html`<div class="head"><h1>Flow</h1><span class="row muted" role="status"><span class=${'dot ' + LINKS[link][0]} aria-hidden="true"></span>${LINKS[link][1]}</span></div>
    <${Failure} problem=${problem} />
    ${rejected.map(file => html`<div class="notice bad">The last edit of <a href=${'#/routes/' + encodeURIComponent(file.name)}>${file.name}</a> was rejected${now.data.routes.some(route => route.file === file.name) ? '; the previous routes run on' : '; none of its routes runs'}. ${file.error && `${file.error.line ? `Line ${file.error.line}: ` : ''}${file.error.reason}`}</div>`)}
    <div class="totals">
      <div class="card total"><div class="label">Published</div><div class="value">${rate(speed(published))}<small class="muted"> /s</small></div>${chart(published, 'Published per second', '--accent')}</div>
      <div class="card total"><div class="label">Processed</div><div class="value">${rate(speed(processed))}<small class="muted"> /s</small></div>${chart(processed, 'Processed per second', '--ok')}</div>
      <div class="card total"><div class="label">Failed attempts</div><div class="value">${rate(speed(failed))}<small class="muted"> /s</small></div>${chart(failed, 'Failed per second', '--bad')}</div>
      <div class="card total"><div class="label">Waiting in Kafka</div><div class="value">${lags.some(lag => lag === null) ? '–' : number(sum(lags, lag => lag))}</div><span class="muted">records, all consumers</span></div>
      <div class="card total"><div class="label">Open dead letters</div><div class="value"><a href="#/dead-letters">${open.some(each => each === null) ? '–' : number(sum(open, each => each))}</a></div><span class="muted">to replay or discard</span></div>
    </div>
    ${lanes.map(lane => html`<${Lane} key=${lane.topic.name} lane=${lane} files=${files} speed=${speed} />`)}
    ${others.map(route => html`<${Alone} key=${route.id} route=${route} files=${files} />`)}
    <details><summary>Operations and the program's own routes (${internal.length})</summary>
      <div class="card scroll"><table><thead><tr><th>Route</th><th>From</th><th>To</th><th class="num">Messages</th><th class="num">p95</th></tr></thead>
      <tbody>${internal.map(route => html`<tr key=${route.id}><td>${route.id}</td><td class="wrap">${route.operation ? `${route.operation.method || 'ANY'} ${route.operation.path}` : route.from}</td><td class="wrap muted">${route.to.join(', ')}</td><td class="num">${number(route.exchanges)}</td><td class="num">${millis(route.p95Millis)}</td></tr>`)}</tbody></table></div>
    </details>`;
}
