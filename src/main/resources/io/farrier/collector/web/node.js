import {get} from './api.js';
import {skew} from './fleet.js';
import {ago, bytes, percent, shortId, span} from './format.js';
import {badge, card, el, empty, table, tile} from './dom.js';

const SEVERITIES = ['critical', 'error', 'warning', 'unknown', 'info'];
const KIND = {
  critical: 'bad', error: 'bad', warning: 'warn',
  running: 'good', healthy: 'good', unhealthy: 'bad', dead: 'bad', restarting: 'warn', paused: 'warn',
  present: 'good', missing: 'warn', pulling: 'warn', failed: 'bad',
  kept: 'good', applied: 'good', proven: 'good', unproven: 'bad', pending: 'warn', waiting: 'warn', diverged: 'bad', refused: 'bad', rolled_back: 'bad',
};
const word = (w) => badge(String(w ?? '').replaceAll('_', ' '), KIND[w] ?? '');
const under = (...text) => el('div', {class: 'under'}, ...text);

function vitals(node) {
  const sample = node.node?.sample;
  if (!sample) return undefined;
  const used = sample.memory_total_bytes - sample.memory_available_bytes;
  const fullest = [...(sample.disks ?? [])].sort((a, b) => a.free_bytes / a.total_bytes - b.free_bytes / b.total_bytes)[0];
  return el('div', {class: 'tiles'},
    tile('CPU', `${Math.round(sample.cpu_percent)} %`, `of ${sample.cores} cores, load ${sample.load1.toFixed(2)}`),
    tile('Memory', percent(used, sample.memory_total_bytes), `${bytes(used)} of ${bytes(sample.memory_total_bytes)}`),
    fullest ? tile('Disk', percent(fullest.total_bytes - fullest.free_bytes, fullest.total_bytes), `${fullest.mount}, ${bytes(fullest.free_bytes)} free`) : undefined,
    tile('Up', span(sample.uptime_seconds), node.node.kernel));
}

function finding(f, now) {
  return el('div', {class: 'finding'},
    el('div', {}, word(f.severity)),
    el('div', {},
      el('strong', {}, f.title), el('span', {class: 'soft'}, ` since ${ago(f.since, now)}`),
      el('div', {class: 'detail'}, f.detail),
      f.remedy ? el('div', {}, f.remedy.sentence) : undefined,
      f.remedy?.command ? el('pre', {}, el('code', {}, f.remedy.command)) : undefined));
}

const bySeverity = (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);

function containers(items, node, now) {
  return table([
    ['Container', (c) => [el('a', {href: `#/logs?node=${encodeURIComponent(node)}&container=${encodeURIComponent(c.name)}`}, c.name), under(c.pod ?? shortId(c.id))]],
    ['Role', (c) => c.role ?? '–'],
    ['State', (c) => [word(c.state), c.health && c.health !== 'none' ? [' ', word(c.health)] : []].flat()],
    ['Since', (c) => ago(c.state === 'running' ? c.started_at : c.finished_at ?? c.started_at, now), 'number'],
    ['Restarts', (c) => c.restarts, 'number'],
    ['Exit', (c) => (c.state === 'exited' ? [c.exit_code, c.oom_killed ? [' ', badge('out of memory', 'bad')] : []].flat() : '–'), 'number'],
    ['Image', (c) => c.image, 'long mono'],
  ], items, (c) => (c.state === 'dead' || c.health === 'unhealthy' ? 'bad' : c.state === 'restarting' ? 'warn' : ''));
}

function images(items, progress) {
  const work = (i) => progress.find((p) => p.about === i.reference && p.total > 0 && p.done < p.total);
  return table([
    ['Image', (i) => [i.reference, under(shortId(i.digest ?? i.image_id))], 'long mono'],
    ['State', (i) => word(i.state)],
    ['', (i) => {
      const p = work(i);
      if (p) return [el('progress', {max: p.total, value: p.done}), ` ${percent(p.done, p.total)}`, under(p.note || `${bytes(p.done)} of ${bytes(p.total)}`)];
      return i.reason || (i.size_bytes > 0 ? bytes(i.size_bytes) : '');
    }, 'long'],
  ], items, (i) => (i.state === 'failed' ? 'bad' : i.state === 'missing' ? 'warn' : ''));
}

const registries = (items) => table([
  ['Registry', (r) => r.host, 'mono'],
  ['Trust', (r) => [word(r.trust), r.insecure ? [' ', badge('insecure', 'warn')] : []].flat()],
  ['Last look', (r) => r.verdict, 'long'],
  ['CA expires', (r) => (r.ca_expires ? r.ca_expires.slice(0, 10) : '–'), 'number'],
], items, (r) => (r.trust === 'pending' ? 'warn' : ''));

const change = (c) => `${{add: '+', change: '~', remove: '-'}[c.kind] ?? ''} ${c.key}${c.after !== undefined ? ` ${c.after}` : ''}`;

const outcomes = (items, now) => table([
  ['When', (o) => ago(o.at, now), 'number'],
  ['What', (o) => o.resource, 'mono'],
  ['Result', (o) => word(o.result)],
  ['Changes', (o) => [
    ...(o.done ?? []).map((c) => el('div', {class: 'mono'}, change(c))),
    ...(o.withheld ?? []).map((w) => el('div', {class: 'soft'}, `withheld: ${change(w.change ?? {})} – ${w.because}`)),
    o.reason ? el('div', {}, [o.reason.tried, o.reason.saw, o.reason.todo].filter(Boolean).join(' – ')) : undefined,
  ], 'long'],
], items);

const losses = (items, now) => table([
  ['When', (l) => ago(l.at, now), 'number'],
  ['Container', (l) => l.container],
  ['Bytes', (l) => (l.to < 0 ? 'unknown' : l.to - l.from), 'number'],
  ['Why', (l) => l.reason, 'long'],
], items);

// The first page came with the node; older ones are asked for.
function allLosses(node, now) {
  const view = el('div', {}, losses(node.losses, now));
  let shown = [...node.losses];
  const more = el('button', {type: 'button', onclick: async () => {
    const page = await get(`/api/losses?node=${encodeURIComponent(node.name)}&before=${shown.at(-1).id}`);
    shown = [...shown, ...page.losses];
    view.replaceChildren(losses(shown, now));
    if (!page.losses.length || shown.length >= node.losses_total) more.remove();
  }}, 'Older');
  return card('Lost log lines', node.losses_total, view, shown.length < node.losses_total ? more : undefined);
}

const sources = (items, now) => table([
  ['Container', (s) => s.container],
  ['File', (s) => s.source, 'mono'],
  ['Lines', (s) => s.lines, 'number'],
  ['Bytes', (s) => bytes(s.bytes), 'number'],
  ['Last line', (s) => ago(s.last, now), 'number'],
], items);

const section = (title, items, render, nothing) =>
  items === undefined && nothing === undefined ? undefined
    : card(title, items?.length ?? 0, items?.length ? render(items) : empty(nothing ?? 'None.'));

export async function show(name) {
  const node = await get(`/api/nodes/${encodeURIComponent(name)}`);
  const now = node.time;
  const n = node.node ?? {};
  return [
    el('div', {class: 'headline'},
      el('h1', {}, node.name),
      node.connected ? badge('connected', 'good') : badge(`silent, last heard ${ago(node.last_seen, now)}`, 'bad'),
      skew(node) ? badge(skew(node), 'warn') : undefined,
      el('span', {class: 'facts'}, [
        n.os, n.runtime && `${n.runtime.name} ${n.runtime.version}`, n.mode && `mode ${n.mode}`, `agent ${node.agent}`,
        ...Object.entries(node.labels ?? {}).map(([key, value]) => `${key}=${value}`)].filter(Boolean).join(' · ')),
      n.runtime && !n.runtime.reachable ? badge(`${n.runtime.name} does not answer`, 'bad') : undefined),
    vitals(node),
    card('Findings', node.findings?.length ?? 0, node.findings?.length
      ? [...node.findings].sort(bySeverity).map((f) => finding(f, now))
      : empty(node.findings ? 'Nothing is wrong.' : 'No finding was reported yet.')),
    section('Registries', node.registries, registries, 'None configured.'),
    section('Images', node.images, (items) => images(items, node.progress), 'None to keep.'),
    section('Containers', node.containers, (items) => containers(items, name, now), 'None reported.'),
    section('Changes', node.outcomes, (items) => outcomes(items, now), 'Farrier has changed nothing on this node.'),
    section('Log files', node.sources, (items) => sources(items, now), 'No log line has arrived.'),
    node.losses.length ? allLosses(node, now) : undefined,
  ];
}
