// "Test connection" without a page load, so that keys which were typed need not be typed again before they are saved.
(() => {
  'use strict';

  const results = document.querySelector('.mfasidecar-results');
  const button = document.querySelector('.mfasidecar-admin button[value="test"]');
  if (!results || !button) {
    return;
  }
  button.addEventListener('click', async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const body = new FormData(button.form);
      body.set('do', 'test');
      const answer = await fetch(button.form.action, { method: 'POST', body, credentials: 'same-origin' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const list = page.querySelector('.mfasidecar-results');
      results.replaceChildren(...(list ? list.children : []));
    } finally {
      button.disabled = false;
    }
  });
})();
