<?php

/**
 * What the bridge's client adds to its calls: each call is made by it and by curl alone, in turn, and both are timed.
 * Added is what the client's call took beside the transfer itself, as curl has timed that.
 *
 * Reads {"url", "key", "secret" (hexadecimal), "users" (ids)} from stdin; writes for each call the microseconds:
 * {"ping": {"client": […], "curl": […], "added": […]}, …}.
 */

declare(strict_types=1);

use MfaSidecar\Api\Client;
use MfaSidecar\Api\LoginStatus;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;

require __DIR__ . '/../php-bridge/autoload.php';

/** RFC 6238, of this moment. */
function code(string $secret): string
{
    $hash = hash_hmac('sha1', pack('J', intdiv(time(), 30)), $secret, true);
    $number = unpack('N', $hash, ord($hash[19]) & 15)[1] & 0x7fffffff;
    return sprintf('%06d', $number % 1_000_000);
}

/** A handle that keeps its connection, as the client's does. */
final class Curl
{
    private readonly CurlHandle $handle;
    private readonly string $base;

    public function __construct(string $url, string $key)
    {
        $this->handle = curl_init();
        $socket = str_starts_with($url, 'unix:') ? substr($url, strlen('unix:')) : null;
        $this->base = $socket === null ? $url : 'http://localhost';
        curl_setopt_array($this->handle, [
            CURLOPT_POST => true,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_HTTPHEADER => [
                "Authorization: Bearer $key",
                'Accept: application/json, application/problem+json',
                'Expect:',
                'Content-Type: application/json',
            ],
        ]);
        if ($socket !== null) {
            curl_setopt($this->handle, CURLOPT_UNIX_SOCKET_PATH, $socket);
        }
    }

    /** @return array{string, float} the answer, and how long curl_exec() alone took, microseconds */
    public function post(string $path, string $body, int $expected): array
    {
        curl_setopt($this->handle, CURLOPT_URL, $this->base . $path);
        curl_setopt($this->handle, CURLOPT_POSTFIELDS, $body);
        $began = hrtime(true);
        $answer = curl_exec($this->handle);
        $took = (hrtime(true) - $began) / 1000;
        if (!is_string($answer) || curl_getinfo($this->handle, CURLINFO_RESPONSE_CODE) !== $expected) {
            throw new RuntimeException("$path: " . ($answer === false ? curl_error($this->handle) : $answer));
        }
        return [$answer, $took];
    }
}

/** Times calls of the client. */
final class Stopwatch
{
    private readonly ReflectionProperty $handle;

    public function __construct(private readonly Transport $transport)
    {
        // Only curl knows how long its transfer took, and it tells by the client's own handle.
        $this->handle = new ReflectionProperty(Transport::class, 'handle');
    }

    /** @return array{mixed, float, float} what came, how long it took, and that without the transfer, microseconds */
    public function time(callable $call): array
    {
        $began = hrtime(true);
        $result = $call();
        $took = (hrtime(true) - $began) / 1000;
        return [$result, $took, $took - curl_getinfo($this->handle->getValue($this->transport), CURLINFO_TOTAL_TIME_T)];
    }
}

['url' => $url, 'key' => $key, 'secret' => $secret, 'users' => $users] = json_decode(stream_get_contents(STDIN), true);
$secret = hex2bin($secret);
$transport = new Transport($url, $key);
$client = new Client($transport);
$watch = new Stopwatch($transport);
$curl = new Curl($url, $key);
$visitor = new Visitor('203.0.113.9');
$took = [];

// The first calls load classes and connect.
const WARM_UP = 50;
$keep = static function (int $n, string $call, float $byClient, float $byCurl, float $added) use (&$took): void {
    if ($n >= WARM_UP) {
        $took[$call]['client'][] = $byClient;
        $took[$call]['curl'][] = $byCurl;
        $took[$call]['added'][] = $added;
    }
};

foreach (array_chunk($users, 2) as $n => [$one, $other]) {
    [, $byClient, $added] = $watch->time(static fn () => $client->ping());
    [, $byCurl] = $curl->post('/v1/ping', '', 200);
    $keep($n, 'ping', $byClient, $byCurl, $added);

    $begin = static fn () => $client->beginLogin(new User($one, "user$one"), $visitor);
    [$login, $beganByClient, $addedFirst] = $watch->time($begin);
    $body = json_encode([
        'user' => ['id' => $other, 'name' => "user$other"],
        'purpose' => 'login',
        'client' => ['ip' => '203.0.113.9'],
    ]);
    [$begun, $beganByCurl] = $curl->post('/v1/logins', $body, 201);
    $id = json_decode($begun, true)['id'];
    $keep($n, 'begin', $beganByClient, $beganByCurl, $addedFirst);

    $code = code($secret);
    $answer = static fn () => $client->answer($login->id, Method::Totp, $code);
    [$passed, $byClient, $added] = $watch->time($answer);
    if ($passed->status !== LoginStatus::Passed) {
        throw new RuntimeException('the login did not pass');
    }
    $body = json_encode(['method' => 'totp', 'code' => $code, 'trust_device' => false]);
    [, $byCurl] = $curl->post("/v1/logins/$id/answer", $body, 200);
    $keep($n, 'answer', $byClient, $byCurl, $added);
    $keep($n, 'begin and answer', $beganByClient + $byClient, $beganByCurl + $byCurl, $addedFirst + $added);
}
echo json_encode($took);
