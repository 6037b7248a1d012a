<p class="mfa-other"><a href="<?= $e($target->action) ?>" data-testid="back-to-security"><?= $t('security.back') ?></a></p>
