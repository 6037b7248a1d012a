<?php

declare(strict_types=1);

// No `settings_pages`: the keys are typed on the extension's own page, which never shows them again.
$text = static fn (string $name, string $title, string $description): array => [
    'name' => $name,
    'group' => 'mfasidecar',
    'type' => 'String',
    'html_type' => 'text',
    'default' => '',
    'title' => $title,
    'description' => $description,
    'is_domain' => 1,
    'is_contact' => 0,
];

return [
    'mfasidecar_url' => $text(
        'mfasidecar_url',
        ts('Address of the multi-factor service', ['domain' => 'mfasidecar']),
        ts('http://…, https://… or unix:/path.sock', ['domain' => 'mfasidecar']),
    ),
    'mfasidecar_bridge_key' => $text(
        'mfasidecar_bridge_key',
        ts('Key for logins', ['domain' => 'mfasidecar']),
        ts('An API key with the role “bridge”, sealed.', ['domain' => 'mfasidecar']),
    ),
    'mfasidecar_admin_key' => $text(
        'mfasidecar_admin_key',
        ts('Key for administration', ['domain' => 'mfasidecar']),
        ts('An API key with the role “admin”, sealed.', ['domain' => 'mfasidecar']),
    ),
    'mfasidecar_to_forget' => [
        'type' => 'Array',
        'html_type' => null,
        'default' => [],
    ] + $text(
        'mfasidecar_to_forget',
        ts('Deleted users that the service has not heard of', ['domain' => 'mfasidecar']),
        ts('Told again by the next status check or scheduled job.', ['domain' => 'mfasidecar']),
    ),
];
