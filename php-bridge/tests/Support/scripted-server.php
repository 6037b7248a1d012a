<?php

declare(strict_types=1);

// Answers each request with the next entry of a script, the last one for ever, and writes down what it was asked.
// Arguments: the script (JSON: a list of {status, type, body, hang, headers}), the file for the requests.
// It prints its port, and ends when its standard input does.

[, $script, $record] = $argv;
$answers = json_decode(file_get_contents($script), true, 64, JSON_THROW_ON_ERROR);
$server = stream_socket_server('tcp://127.0.0.1:0');
echo substr(strrchr(stream_socket_get_name($server, false), ':'), 1), "\n";

$held = [];
for ($number = 0;;) {
    $ready = [$server, STDIN];
    $none = null;
    stream_select($ready, $none, $none, null);
    if (in_array(STDIN, $ready, true)) {
        exit(0);
    }
    $connection = stream_socket_accept($server);
    $request = trim((string) fgets($connection));
    $length = 0;
    $headers = [];
    while (($line = trim((string) fgets($connection))) !== '') {
        $headers[] = $line;
        $length = stripos($line, 'content-length:') === 0 ? (int) substr($line, 15) : $length;
    }
    $body = $length > 0 ? stream_get_contents($connection, $length) : '';
    $asked = ['request' => $request, 'headers' => $headers, 'body' => $body];
    file_put_contents($record, json_encode($asked) . "\n", FILE_APPEND);

    $answer = $answers[min($number++, count($answers) - 1)];
    if ($answer['hang'] ?? false) {
        // Half an answer, and then nothing: the client's patience decides.
        fwrite($connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n");
        $held[] = $connection;
        continue;
    }
    $head = "HTTP/1.1 {$answer['status']} Scripted\r\nContent-Type: {$answer['type']}\r\nConnection: close\r\n"
        . 'Content-Length: ' . strlen($answer['body']) . "\r\n" . ($answer['headers'] ?? '') . "\r\n";
    fwrite($connection, $head . $answer['body']);
    fclose($connection);
}
