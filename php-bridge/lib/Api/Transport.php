<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\SidecarUnavailable;

/**
 * HTTP to the service by curl, over TCP or a Unix socket, with one handle that keeps its connection between calls.
 */
final class Transport
{
    /** An answer of the service is a few KiB; a larger one is not from it. */
    private const MAX_BODY_BYTES = 1 << 20;

    private readonly string $baseUrl;
    private readonly ?string $socket;
    private ?\CurlHandle $handle = null;

    /**
     * @param string $url `http://127.0.0.1:8787`, `https://…` or `unix:/path.sock`
     * @param int $connectTimeoutMs milliseconds; a person waits at the login form, so an outage has to show soon
     * @param int $timeoutMs milliseconds for the whole call
     */
    public function __construct(
        string $url,
        #[\SensitiveParameter]
        private readonly string $apiKey,
        private readonly int $connectTimeoutMs = 1000,
        private readonly int $timeoutMs = 3000,
    ) {
        if (preg_match('/[^\x21-\x7e]/', $apiKey)) {
            throw new \InvalidArgumentException('The API key holds a character that no key has.');
        }
        if (str_starts_with($url, 'unix:/')) {
            $this->socket = substr($url, strlen('unix:'));
            $this->baseUrl = 'http://localhost';
        } elseif (preg_match('~\Ahttps?://[^/?#@\s]+(/[^?#\s]*)?\z~i', $url)) {
            $this->socket = null;
            $this->baseUrl = rtrim($url, '/');
        } else {
            throw new \InvalidArgumentException('The service URL must be http://…, https://… or unix:/path.sock.');
        }
    }

    /**
     * @param list<string> $headers
     * @param int $patience how many times the ordinary time-out the call may take
     * @throws SidecarUnavailable when no complete answer came in time
     */
    public function send(
        string $verb,
        string $path,
        #[\SensitiveParameter]
        ?string $json = null,
        array $headers = [],
        int $patience = 1,
    ): Response {
        $this->handle ??= curl_init();
        // Keeps the connection, forgets the options of the call before.
        curl_reset($this->handle);

        $body = '';
        $etag = null;
        curl_setopt_array($this->handle, [
            CURLOPT_URL => $this->baseUrl . $path,
            CURLOPT_CUSTOMREQUEST => $verb,
            CURLOPT_HTTPHEADER => [...$this->ownHeaders($json !== null), ...$headers],
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
            CURLOPT_CONNECTTIMEOUT_MS => $this->connectTimeoutMs,
            CURLOPT_TIMEOUT_MS => $this->timeoutMs * $patience,
            // Without it a timeout under a second can be rounded up to one by the resolver's alarm.
            CURLOPT_NOSIGNAL => true,
            // A redirect or a proxy from the environment would carry the key to somebody else.
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROXY => '',
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_HEADERFUNCTION => static function ($handle, string $line) use (&$etag): int {
                if (stripos($line, 'etag:') === 0) {
                    $etag = trim(substr($line, strlen('etag:')));
                }
                return strlen($line);
            },
            CURLOPT_WRITEFUNCTION => static function ($handle, string $part) use (&$body): int {
                $body .= $part;
                return strlen($body) > self::MAX_BODY_BYTES ? 0 : strlen($part);
            },
        ]);
        if ($this->socket !== null) {
            curl_setopt($this->handle, CURLOPT_UNIX_SOCKET_PATH, $this->socket);
        }
        if ($json !== null) {
            curl_setopt($this->handle, CURLOPT_POSTFIELDS, $json);
        }

        if (curl_exec($this->handle) === false) {
            $cause = curl_strerror(curl_errno($this->handle));
            throw new SidecarUnavailable('no answer: ' . $cause);
        }

        return new Response(
            curl_getinfo($this->handle, CURLINFO_RESPONSE_CODE),
            (string) curl_getinfo($this->handle, CURLINFO_CONTENT_TYPE),
            $etag,
            $body,
        );
    }

    /** The key stays out of dumps. */
    public function __debugInfo(): array
    {
        return ['url' => $this->socket === null ? $this->baseUrl : 'unix:' . $this->socket];
    }

    /** The key stays out of sessions and caches. */
    public function __serialize(): array
    {
        throw new \LogicException('A transport holds an API key and cannot be serialized.');
    }

    /** @return list<string> */
    private function ownHeaders(bool $withBody): array
    {
        return [
            'Authorization: Bearer ' . $this->apiKey,
            'Accept: application/json, application/problem+json',
            // Else curl waits for a "100 Continue" before larger bodies.
            'Expect:',
            // RFC 9110 §8.6: a POST without a body says so.
            $withBody ? 'Content-Type: application/json' : 'Content-Length: 0',
        ];
    }
}
