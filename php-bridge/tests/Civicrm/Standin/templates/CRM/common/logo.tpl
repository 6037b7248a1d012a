<b>CiviCRM</b>
