export async function get(path) {
  const answer = await fetch(path, {headers: {Accept: 'application/json'}});
  if (answer.status === 401) {
    location.assign('/login');
    throw new Error('logged out');
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(json.error ?? `the collector answered ${answer.status}`);
  return json;
}

export function query(parameters) {
  const set = Object.entries(parameters).filter(([, value]) => value);
  return set.length ? `?${new URLSearchParams(set)}` : '';
}
