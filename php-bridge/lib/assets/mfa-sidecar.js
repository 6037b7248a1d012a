// Copy and print buttons. The pages work without them, so they are hidden until this script can serve them.
(() => {
  'use strict';

  const serveCopy = (button) => {
    // In the page before it speaks: screen readers announce changes of a live region, not its arrival.
    const status = document.createElement('span');
    status.className = 'mfa-status';
    status.setAttribute('role', 'status');
    button.after(status);
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.mfaCopy);
        status.textContent = button.dataset.mfaDone;
      } catch {
        status.textContent = button.dataset.mfaFailed;
      }
    });
  };

  // Browsers offer the clipboard only to pages from a secure origin.
  if (navigator.clipboard) {
    document.querySelectorAll('[data-mfa-copy]').forEach(serveCopy);
  }
  for (const button of document.querySelectorAll('[data-mfa-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  }
})();
