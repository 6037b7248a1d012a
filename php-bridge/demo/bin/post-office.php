<?php

declare(strict_types=1);

/*
 * Where the demonstration's mail and text messages end: a mail server (RFC 5321, as much of it as it takes to receive)
 * and an SMS gateway (profile "json") for this computer. Each message becomes a line of JSON in FILE, which the demo
 * host shows at /messages; nothing is passed on.
 *
 *     php post-office.php SMTP_PORT SMS_PORT FILE
 */

require __DIR__ . '/../autoload.php';

[, $smtpPort, $smsPort, $file] = $argv + ['', '', '', ''];
$office = new Demo\PostOffice($file);

$listen = static function (string $port): mixed {
    $server = @stream_socket_server("tcp://127.0.0.1:$port", $code, $message);
    if ($server === false) {
        fwrite(STDERR, "cannot listen on port $port: $message\n");
        exit(1);
    }
    return $server;
};
$mail = $listen($smtpPort);
$sms = $listen($smsPort);
echo "The post office is open.\n";

while (true) {
    $ready = [$mail, $sms];
    $none = null;
    if (stream_select($ready, $none, $none, null) === false) {
        exit(1);
    }
    foreach ($ready as $server) {
        $connection = @stream_socket_accept($server, 0);
        if ($connection === false) {
            continue;
        }
        stream_set_timeout($connection, 5);
        $receive = $server === $mail ? receiveMail(...) : receiveText(...);
        $receive($connection, $office);
        fclose($connection);
    }
}

/** @param resource $connection */
function receiveMail(mixed $connection, Demo\PostOffice $office): void
{
    $say = static function (string $line) use ($connection): void {
        @fwrite($connection, "$line\r\n");
    };
    $say('220 demo');
    $to = '';
    while (($line = fgets($connection, 2048)) !== false) {
        $command = strtoupper(substr(trim($line), 0, 4));
        if ($command === 'RCPT' && preg_match('/<([^>]*)>/', $line, $match)) {
            $to = $match[1];
        }
        if ($command === 'DATA') {
            $say('354 go on');
            $source = '';
            while (($line = fgets($connection)) !== false && rtrim($line, "\r\n") !== '.') {
                // RFC 5321 §4.5.2: a leading dot was doubled on the way.
                $source .= str_starts_with($line, '.') ? substr($line, 1) : $line;
            }
            $office->keepMail($to, $source);
        }
        $say($command === 'QUIT' ? '221 bye' : '250 ok');
        if ($command === 'QUIT') {
            return;
        }
    }
}

/** @param resource $connection */
function receiveText(mixed $connection, Demo\PostOffice $office): void
{
    $length = 0;
    while (($line = fgets($connection, 8192)) !== false && trim($line) !== '') {
        if (stripos($line, 'content-length:') === 0) {
            $length = min(65536, (int) substr($line, 15));
        }
    }
    $body = '';
    while (strlen($body) < $length && ($part = fread($connection, $length - strlen($body))) !== false && $part !== '') {
        $body .= $part;
    }
    $message = json_decode($body, true);
    $isOne = is_array($message) && is_string($message['to'] ?? null) && is_string($message['text'] ?? null);
    if ($isOne) {
        $office->keepText($message['to'], $message['text']);
    }
    $status = $isOne ? '201 Created' : '400 Bad Request';
    @fwrite($connection, "HTTP/1.1 $status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}
