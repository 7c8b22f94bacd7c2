// All that is shown goes through here: text is set as text, and there is no way to set markup.
import {visible} from './format.js';

export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  for (const child of children.flat()) {
    if (child === undefined || child === null) continue;
    element.append(child instanceof Node ? child : document.createTextNode(visible(String(child))));
  }
  return element;
}

export const badge = (text, kind = '') => el('span', {class: `badge ${kind}`}, text);

export const card = (title, count, ...children) =>
  el('section', {class: 'card'}, el('h2', {}, title, count === undefined ? '' : ' ', count === undefined ? undefined : el('span', {class: 'count'}, count)), ...children);

export const empty = (text) => el('p', {class: 'empty'}, text);

export const tile = (label, value, note) =>
  el('div', {class: 'tile'}, el('div', {class: 'label'}, label), el('div', {class: 'value'}, value), el('div', {class: 'note'}, note ?? ''));

// Columns are [title, item => cell content, class].
export function table(columns, items, rowClass = () => '') {
  return el('div', {class: 'scroll'}, el('table', {},
    el('thead', {}, el('tr', {}, columns.map(([title]) => el('th', {}, title)))),
    el('tbody', {}, items.map((item) => el('tr', {class: rowClass(item)},
      columns.map(([, cell, kind]) => el('td', {class: kind}, cell(item))))))));
}
