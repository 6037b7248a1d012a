<?php

/**
 * Plugin Name:       MFA Sidecar
 * Description:       Multi-factor authentication for the login, by a service of your own.
 * Version:           0.1.0
 * Requires at least: 6.1
 * Requires PHP:      8.1
 * Author:            The mfa-sidecar maintainers
 * License:           MIT
 * License URI:       https://opensource.org/license/mit
 * Text Domain:       mfa-sidecar
 * Domain Path:       /languages
 * Network:           true
 */

declare(strict_types=1);

namespace MfaSidecar\WordPress;

defined('ABSPATH') || exit;

require __DIR__ . '/bridge/autoload.php';
require __DIR__ . '/autoload.php';

(new Plugin(__FILE__))->register();
