// The second step without a page load: the forms go through CRM.api4('User', 'login'), as core's own do. Without this
// script, and for "Cancel", the same forms are posted to their page.
(() => {
  'use strict';

  const box = document.querySelector('[data-mfasidecar-login]');
  if (!box || !window.CRM || !CRM.api4) {
    return;
  }

  const tell = (form, sentence) => {
    let error = form.querySelector('[data-testid="error"]');
    if (!error) {
      error = document.createElement('p');
      error.className = 'mfa-error alert alert-danger';
      error.id = 'mfa-error';
      error.setAttribute('role', 'alert');
      error.dataset.testid = 'error';
      form.querySelector('.mfa-code, .mfa-text, button').before(error);
    }
    // Emptied first: the same sentence twice is announced twice.
    error.textContent = '';
    error.textContent = sentence;
    const field = form.querySelector('.mfa-code, .mfa-text');
    if (field) {
      field.setAttribute('aria-invalid', 'true');
      const described = (field.getAttribute('aria-describedby') || '').split(' ').filter((id) => id && id !== error.id);
      field.setAttribute('aria-describedby', [error.id, ...described].join(' '));
      if (field.classList.contains('mfa-code')) {
        field.value = '';
      }
      field.focus();
    }
  };

  box.addEventListener('submit', async (event) => {
    const form = event.target;
    const data = new FormData(form);
    data.delete('csrf');
    const fields = Object.fromEntries(data);
    if (fields.do === 'cancel') {
      return;
    }
    event.preventDefault();
    const buttons = box.querySelectorAll('button');
    buttons.forEach((button) => { button.disabled = true; });
    let sentence = box.dataset.unexpected;
    try {
      const answer = await CRM.api4('User', 'login', { mfaClass: 'Sidecar', mfaData: fields });
      if (answer.url) {
        // Assigned, an address that differs only by its fragment would not load.
        const isHere = new URL(answer.url, location.href).href === location.href;
        isHere ? location.reload() : location.assign(answer.url);
        return;
      }
      sentence = answer.publicError || sentence;
    } catch (error) {
      console.error(error);
    }
    buttons.forEach((button) => { button.disabled = false; });
    tell(form, sentence);
  });
})();
