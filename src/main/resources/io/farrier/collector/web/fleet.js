import {get} from './api.js';
import {ago, percent, span} from './format.js';
import {badge, card, el, empty, table, tile} from './dom.js';

const SKEW_SHOWN_SECONDS = 2;

const worst = (node) => {
  const counts = node.findings_count ?? {};
  if (counts.critical || counts.error) return 'bad';
  return counts.warning || counts.unknown ? 'warn' : '';
};

export const isSilent = (node) => !node.connected;

export function skew(node) {
  const seconds = (Date.parse(node.node_time) - Date.parse(node.node_time_received)) / 1000;
  return Math.abs(seconds) > SKEW_SHOWN_SECONDS ? `clock ${span(Math.abs(seconds))} ${seconds > 0 ? 'ahead' : 'behind'}` : undefined;
}

export function findingBadges(counts = {}) {
  const shown = [['critical', 'bad'], ['error', 'bad'], ['warning', 'warn'], ['unknown', ''], ['info', '']]
    .filter(([severity]) => counts[severity]);
  if (!shown.length) return badge('none', 'good');
  return shown.map(([severity, kind]) => [badge(`${counts[severity]} ${severity}`, kind), ' ']).flat();
}

function images(node) {
  const counts = node.images_count;
  if (!counts) return '–';
  const present = `${counts.present ?? 0} of ${counts.total}`;
  const work = node.progress.find((p) => p.total > 0 && p.done < p.total);
  if (work) return [`${present} `, el('progress', {max: work.total, value: work.done})];
  if (counts.failed) return [`${present} `, badge(`${counts.failed} failed`, 'bad')];
  return counts.pulling ? [`${present} `, badge(`${counts.pulling} pulling`, 'warn')] : present;
}

function registries(node) {
  const counts = node.registries_count;
  if (!counts) return '–';
  const kept = `${counts.kept ?? 0} of ${counts.total}`;
  return counts.pending ? [`${kept} `, badge(`${counts.pending} pending`, 'warn')] : kept;
}

const COLUMNS = [
  ['Node', (n) => [el('a', {href: `#/node/${encodeURIComponent(n.name)}`}, n.name),
    el('div', {class: 'under'}, [n.node?.runtime?.name, n.node?.runtime?.version, n.node?.mode && `mode ${n.node.mode}`].filter(Boolean).join(' · '))]],
  ['', (n) => [isSilent(n) ? badge('silent', 'bad') : badge('connected', 'good'), skew(n) && [' ', badge(skew(n), 'warn')]].flat()],
  ['Findings', (n) => findingBadges(n.findings_count)],
  ['Containers', (n) => (n.containers_count ? `${n.containers_count.running ?? 0} of ${n.containers_count.total} running` : '–'), 'number'],
  ['Images', images, 'number'],
  ['Registries', registries, 'number'],
  ['CPU', (n) => (n.node?.sample ? `${Math.round(n.node.sample.cpu_percent)} %` : '–'), 'number'],
  ['Memory', (n) => (n.node?.sample ? percent(n.node.sample.memory_total_bytes - n.node.sample.memory_available_bytes, n.node.sample.memory_total_bytes) : '–'), 'number'],
  ['Last heard', (n, now) => (n.connected ? 'now' : ago(n.last_seen, now)), 'number'],
];

export async function show() {
  const {nodes, refusals, refused, time} = await get('/api/nodes');
  const sum = (field, key) => nodes.reduce((total, node) => total + (node[field]?.[key] ?? 0), 0);
  const connected = nodes.filter((node) => node.connected).length;
  const wrong = sum('findings_count', 'critical') + sum('findings_count', 'error');
  return [
    el('div', {class: 'tiles'},
      tile('Nodes', `${connected} / ${nodes.length}`, 'connected'),
      tile('Errors', wrong, `and ${sum('findings_count', 'warning')} × warning`),
      tile('Containers', sum('containers_count', 'running'), `of ${sum('containers_count', 'total')} running`),
      tile('Images', `${sum('images_count', 'present')} / ${sum('images_count', 'total')}`, 'present'),
      tile('Registries', `${sum('registries_count', 'kept')} / ${sum('registries_count', 'total')}`, 'trusted as configured')),
    card('Nodes', nodes.length,
      nodes.length
        ? table(COLUMNS.map(([title, cell, kind]) => [title, (n) => cell(n, time), kind]), nodes, worst)
        : empty('No agent has said hello yet. Give one the collector\'s address, its CA and the agent token.')),
    refusals.length
      ? card('Turned away', refused, table([
        ['When', (r) => ago(r.at, time), 'number'],
        ['Name', (r) => r.node ?? '–'],
        ['From', (r) => r.remote, 'mono'],
        ['Why', (r) => r.reason, 'long'],
      ], refusals))
      : undefined,
  ];
}
