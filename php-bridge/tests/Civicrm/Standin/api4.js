// Core's entrance to API4 for scripts: answers the values, fails where the call did.
window.CRM = {
  async api4(entity, action, params) {
    const response = await fetch(`/civicrm/ajax/api4/${entity}/${action}`, {
      method: 'POST',
      headers: { 'X-Requested-With': 'XMLHttpRequest' },
      body: new URLSearchParams({ params: JSON.stringify(params) }),
    });
    if (!response.ok) throw await response.json();
    return (await response.json()).values;
  },
};
