import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Badge, Empty, Failure, html, millis, number, rate, Spark, useTitle } from './parts.js';
import { history, useRunning } from './running.js';

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

function Lane({ lane, files, speed }) {
  const { topic } = lane;
  return html`<section class="lane card" aria-label=${'Topic ' + topic.name}>
    <div class="column">${lane.entries.map(route => html`<div data-wire=${'entry:' + topic.name} key=${route.id}>
      <${RouteNode} route=${route} files=${files} title=${route.operation ? `${route.operation.method || 'ANY'} ${route.operation.path}` : route.from} what=${route.id}>
        <${Figures} list=${[['', rate(speed(data => (data.routes.find(each => each.id === route.id) || {}).exchanges || 0)) + '/s'], ['p95', millis(route.p95Millis)], ...(route.failures ? [['failed', number(route.failures), 'bad-text']] : [])]} /><//></div>`)}
      ${!lane.entries.length && html`<span class="muted">No route of this program writes here.</span>`}</div>
    <div class="column"><div class="node topic" data-wire=${'topic:' + topic.name}>
      <span class="name">${topic.name}</span><span class="what">topic</span>
      <${Figures} list=${[['', rate(speed(data => (data.topics.find(each => each.name === topic.name) || {}).published || 0)) + '/s'], ['published', number(topic.published)], ...(topic.notPublished ? [['failed', number(topic.notPublished), 'bad-text']] : [])]} />
    </div></div>
    <div class="consumers">${lane.consumers.map(({ consumer, process, consume, effects }) => {
      const found = data => (data.topics.find(each => each.name === topic.name) || { consumers: [] }).consumers.find(each => each.name === consumer.name);
      const speedOf = name => speed(data => (found(data) ? attempts(found(data), name) : 0));
      const letters = '#/dead-letters?' + new URLSearchParams({ consumer: consumer.name, topic: topic.name });
      return html`<div class="consumer" key=${consumer.name}>
        <div data-wire=${'consumer:' + topic.name + ':' + consumer.name} data-busy=${speedOf('received') > 0 ? '1' : ''}>
          <${RouteNode} route=${consume} files=${files} title=${consumer.name} what=${consume ? consume.id : 'consumer'}>
            <${Figures} list=${[['', rate(speedOf('processed')) + '/s'], ['lag', number(consumer.lag), consumer.lag > 0 ? 'warn-text' : ''], ['failed', number(attempts(consumer, 'failed')), attempts(consumer, 'failed') ? 'bad-text' : '']]} /><//>
        </div>
        <div data-wire=${'effect:' + topic.name + ':' + consumer.name}>
          <${RouteNode} route=${process} files=${files} title=${process ? process.id : 'effect'} what=${process ? process.description : 'within the consuming route'}>
            ${process && html`<${Figures} list=${[['processed', number(attempts(consumer, 'processed'))], ['p95', millis(process.p95Millis)], ...(effects.length ? [['→', [...new Set(effects.map(each => each.split(':')[0]))].join(', ')]] : [])]} />`}<//>
        </div>
        <div class="tiers"><span>retry</span>
          ${consumer.retries.map((tier, at) => html`<span class=${'tier' + (tier.lag > 0 ? ' waits' : '')} title=${tier.topic}>${at + 1}: ${tier.lag === null ? '–' : number(tier.lag)}<span class="visually-hidden"> wait in ${tier.topic}</span></span><span aria-hidden="true">→</span>`)}
          <a class=${'tier dead' + (consumer.openDeadLetters > 0 ? ' some' : '')} href=${letters} title=${consumer.deadLetterTopic}>${number(consumer.openDeadLetters)} dead letters<span class="visually-hidden"> of ${consumer.name}</span></a>
        </div>
      </div>`;
    })}</div>
  </section>`;
}

/** The lines between the boxes, drawn after the boxes have found their places. */
function Wires({ root, tick }) {
  const [paths, setPaths] = useState([]);
  const draw = () => {
    const base = root.current.getBoundingClientRect();
    const box = element => {
      const at = element.getBoundingClientRect();
      return { left: at.left - base.left, right: at.right - base.left, top: at.top - base.top, bottom: at.bottom - base.top };
    };
    const found = [];
    const link = (from, to, kind) => {
      const a = box(from);
      const b = box(to);
      if (b.left >= a.right) {
        const [x1, y1, x2, y2] = [a.right, (a.top + a.bottom) / 2, b.left, (b.top + b.bottom) / 2];
        const bend = (x2 - x1) / 2;
        found.push({ d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, kind });
      } else if (b.top >= a.bottom && b.top - a.bottom < 60) {
        const [x1, y1, x2, y2] = [Math.min(a.left + 26, a.right), a.bottom, Math.min(b.left + 26, b.right), b.top];
        found.push({ d: `M${x1} ${y1}L${x2} ${y2}`, kind });
      }
    };
    for (const topic of root.current.querySelectorAll('[data-wire^="topic:"]')) {
      const name = topic.dataset.wire.slice(6);
      root.current.querySelectorAll('[data-wire]').forEach(each => {
        const wire = each.dataset.wire;
        if (wire === 'entry:' + name) link(each, topic, '');
        if (wire.startsWith('consumer:' + name + ':')) {
          link(topic, each, each.dataset.busy ? 'busy' : '');
          const effect = each.nextElementSibling;
          if (effect) link(each, effect, each.dataset.busy ? 'busy' : '');
        }
      });
    }
    setPaths(found);
  };
  useLayoutEffect(draw, [tick]);
  useEffect(() => {
    const observer = new ResizeObserver(draw);
    observer.observe(root.current);
    return () => observer.disconnect();
  }, []);
  return html`<svg class="wires" aria-hidden="true">${paths.map(path => html`<path d=${path.d} class=${path.kind} />`)}</svg>`;
}

const LINKS = {
  live: ['ok', 'Live'],
  polling: ['warn', 'No stream here: asked every 2 s'],
  offline: ['bad', 'Not connected: trying again'],
  connecting: ['', 'Connecting'],
};

export default function Flow() {
  useTitle('Flow');
  const root = useRef();
  const { now, link, problem } = useRunning();
  if (!now) return html`<h1>Flow</h1><${Failure} problem=${problem} />${!problem && html`<${Empty}>Loading…<//>`}`;
  const before = history.length > 1 ? history[Math.max(0, history.length - 4)] : null;
  const speed = count => changes(now, before === now ? null : before, count);
  const curve = count => history.map((each, at) => (at ? changes(each, history[at - 1], count) || 0 : 0));
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
      <div class="card total"><div class="label">Published</div><div class="value">${rate(speed(published))}<small class="muted"> /s</small></div><${Spark} values=${curve(published)} label="Published per second" /></div>
      <div class="card total"><div class="label">Processed</div><div class="value">${rate(speed(processed))}<small class="muted"> /s</small></div><${Spark} values=${curve(processed)} label="Processed per second" /></div>
      <div class="card total"><div class="label">Failed attempts</div><div class="value">${rate(speed(failed))}<small class="muted"> /s</small></div><${Spark} values=${curve(failed)} label="Failed per second" tone="bad" /></div>
      <div class="card total"><div class="label">Waiting in Kafka</div><div class="value">${lags.some(lag => lag === null) ? '–' : number(sum(lags, lag => lag))}</div><span class="muted">records, all consumers</span></div>
      <div class="card total"><div class="label">Open dead letters</div><div class="value"><a href="#/dead-letters">${open.some(each => each === null) ? '–' : number(sum(open, each => each))}</a></div><span class="muted">to replay or discard</span></div>
    </div>
    <div class="graph" ref=${root}>
      <${Wires} root=${root} tick=${now.at} />
      ${lanes.map(lane => html`<${Lane} key=${lane.topic.name} lane=${lane} files=${files} speed=${speed} />`)}
      ${others.map(route => html`<section class="lane card" key=${route.id} aria-label=${'Route ' + route.id}>
        <div class="column"><span class="node"><span class="name">${route.from}</span></span></div>
        <div class="column"><${RouteNode} route=${route} files=${files} title=${route.id} what=${route.description}><${Figures} list=${[['messages', number(route.exchanges)], ['p95', millis(route.p95Millis)]]} /><//></div>
        <div class="column"><span class="muted wrap">${route.to.join(', ') || 'sends to no endpoint'}</span></div></section>`)}
    </div>
    <details><summary>Operations and the program's own routes (${internal.length})</summary>
      <div class="card scroll"><table><thead><tr><th>Route</th><th>From</th><th>To</th><th class="num">Messages</th><th class="num">p95</th></tr></thead>
      <tbody>${internal.map(route => html`<tr key=${route.id}><td>${route.id}</td><td class="wrap">${route.operation ? `${route.operation.method || 'ANY'} ${route.operation.path}` : route.from}</td><td class="wrap muted">${route.to.join(', ')}</td><td class="num">${number(route.exchanges)}</td><td class="num">${millis(route.p95Millis)}</td></tr>`)}</tbody></table></div>
    </details>`;
}
