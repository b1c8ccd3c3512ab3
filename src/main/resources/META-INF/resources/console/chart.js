// A curve of the last samples. uPlot is a script that defines a global.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html, rate, script } from './parts.js';

const ready = script('console/lib/uplot/dist/uPlot.iife.min.js');
document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'console/lib/uplot/dist/uPlot.min.css' }));
const HEIGHT = 36;
const dark = matchMedia('(prefers-color-scheme: dark)');

function plot(host, color, onLook) {
  const style = getComputedStyle(host);
  const hidden = { show: false };
  return new globalThis.uPlot({
    width: host.clientWidth, height: HEIGHT, legend: hidden, axes: [hidden, hidden], padding: [3, 0, 1, 0],
    cursor: { y: false, drag: { x: false }, points: { size: 6 } },
    scales: { x: { time: false }, y: { range: (_, least, most) => [0, Math.max(1, most)] } },
    series: [{}, { stroke: style.getPropertyValue(color), fill: style.getPropertyValue(color + '-soft'), width: 1.5, points: hidden }],
    hooks: { setCursor: [each => onLook(each.cursor.idx)] },
  }, [[], []], host);
}

/**
 * @param times when each value was measured, in milliseconds, oldest first
 * @param color the name of a colour that has a soft variant
 */
export default function Chart({ times, values, label, color }) {
  const host = useRef();
  const chart = useRef(null);
  const [look, setLook] = useState(null);
  const [drawn, setDrawn] = useState(0);
  useEffect(() => {
    let ended = false;
    const draw = () => {
      if (ended) return;
      if (chart.current) chart.current.destroy();
      chart.current = plot(host.current, color, setLook);
      setDrawn(each => each + 1);
    };
    const observer = new ResizeObserver(() => chart.current && chart.current.setSize({ width: host.current.clientWidth, height: HEIGHT }));
    observer.observe(host.current);
    dark.addEventListener('change', draw);
    ready.then(draw);
    return () => {
      ended = true;
      observer.disconnect();
      dark.removeEventListener('change', draw);
      if (chart.current) chart.current.destroy();
    };
  }, [color]);
  useEffect(() => { if (chart.current) chart.current.setData([times.map(time => time / 1000), values]); }, [times[times.length - 1], drawn]);
  const shown = look === null || look === undefined || look >= values.length ? '' : `${rate(values[look])}/s at ${new Date(times[look]).toLocaleTimeString('en-GB')}`;
  return html`<div class="chart" ref=${host} role="img" aria-label=${label}><span class="look muted">${shown}</span></div>`;
}
