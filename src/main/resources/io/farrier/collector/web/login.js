// The form works without this; with it a wrong token is told in place.
const form = document.querySelector('form');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await fetch('/login', {
    method: 'POST',
    body: new URLSearchParams(new FormData(form)),
    redirect: 'manual',
  });
  if (answer.type === 'opaqueredirect') {
    location.assign('/');
    return;
  }
  document.getElementById('error').textContent = await answer.text();
});
