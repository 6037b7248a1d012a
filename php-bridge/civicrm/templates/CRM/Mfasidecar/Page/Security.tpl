{crmScope extensionKey='mfasidecar'}
<div class="crm-block crm-content-block mfasidecar mfasidecar-inside">
  {if $blocked}
    <p class="alert alert-danger" role="alert" data-testid="blocked">{$blocked|escape}</p>
  {else}
    {$form nofilter}
  {/if}
  <p class="mfasidecar-back"><a href="{crmURL p='civicrm/my-account'}">{ts}Back to My Account{/ts}</a></p>
</div>
{/crmScope}
