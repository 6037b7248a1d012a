<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

/** The authenticator app, played by oathtool: an implementation of RFC 6238 that is not ours. */
final class Phone
{
    public function __construct(private readonly string $secret)
    {
    }

    /** @param int $ahead seconds from now; 30 gives the next code, which the service takes a step early */
    public function code(int $ahead = 0): string
    {
        $at = gmdate('Y-m-d H:i:s \U\T\C', time() + $ahead);
        exec('oathtool --totp -b --now ' . escapeshellarg($at) . ' ' . escapeshellarg($this->secret), $lines, $status);
        return $status === 0 ? $lines[0] : throw new \RuntimeException('oathtool is not there or failed');
    }

    /** Six digits that are none of the codes around now. */
    public function wrongCode(): string
    {
        $right = array_map($this->code(...), [-60, -30, 0, 30, 60]);
        for ($code = 111111;; $code++) {
            if (!in_array((string) $code, $right, true)) {
                return (string) $code;
            }
        }
    }
}
