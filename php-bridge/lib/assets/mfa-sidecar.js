// Copy and print buttons. The pages work without them, so they are hidden until this script can serve them.
(() => {
  'use strict';

  const status = document.createElement('p');
  status.className = 'mfa-status';
  status.setAttribute('role', 'status');

  const copy = async (button) => {
    let said = button.dataset.mfaDone;
    try {
      await navigator.clipboard.writeText(button.dataset.mfaCopy);
    } catch {
      said = button.dataset.mfaFailed;
    }
    status.textContent = said;
    button.after(status);
  };

  // Browsers offer the clipboard only to pages from a secure origin.
  if (navigator.clipboard) {
    for (const button of document.querySelectorAll('[data-mfa-copy]')) {
      button.hidden = false;
      button.addEventListener('click', () => copy(button));
    }
  }
  for (const button of document.querySelectorAll('[data-mfa-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  }
})();
