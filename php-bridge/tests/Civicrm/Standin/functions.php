<?php

declare(strict_types=1);

/** @param array<string|int, mixed> $params */
function ts(string $text, array $params = []): string
{
    $values = [];
    foreach ($params as $name => $value) {
        if (is_int($name)) {
            $values["%$name"] = (string) $value;
        }
    }
    return strtr($text, $values);
}

function _authx_uf(): \Civi\Authx\Standalone
{
    return new \Civi\Authx\Standalone();
}
