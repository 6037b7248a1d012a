<h1><?= $t('messages.title') ?></h1>
<p class="lead"><?= $t('messages.intro') ?></p>
<?php if ($messages === []) : ?>
<p class="card" data-testid="no-messages"><?= $t('messages.none') ?></p>
<?php endif ?>
<?php foreach ($messages as $message) : ?>
<article class="card message" data-testid="message" data-kind="<?= $e($message['kind']) ?>">
  <h2><?= $t("messages.$message[kind]") ?> <bdi><?= $e($message['to']) ?></bdi></h2>
  <?php if ($message['subject'] !== '') : ?>
  <p><b data-testid="message-subject"><?= $e($message['subject']) ?></b></p>
  <?php endif ?>
  <p class="message-text" data-testid="message-text"><?= $e($message['text']) ?></p>
  <p class="note"><?= $t('messages.at', ['time' => gmdate('H:i:s', $message['at'])]) ?></p>
</article>
<?php endforeach ?>
