{{/* Variables of processes, and the files with their secrets. */}}

{{- define "narrows.secrets" }}/run/secrets/narrows{{ end -}}

{{/* Variables of every process: (dict "root" $ "cache" 2). */}}
{{- define "narrows.environment" -}}
{{- $values := .root.Values -}}
{{- $secrets := include "narrows.secrets" . -}}
- { name: NARROWS_DATABASE_URL_FILE, value: {{ $secrets }}/database-url }
{{- with $values.database.tls }}
{{- if .mode }}
- { name: PGSSLMODE, value: {{ .mode }} }
{{- end }}
{{- if .ca.secret }}
- { name: PGSSLROOTCERT, value: {{ $secrets }}/database-ca.crt }
{{- end }}
{{- if .client.secret }}
- { name: PGSSLCERT, value: {{ $secrets }}/database-client.crt }
- { name: PGSSLKEY, value: {{ $secrets }}/database-client.key }
{{- end }}
{{- end }}
{{- with $values.temporal }}
- { name: TEMPORAL_ADDRESS, value: {{ .address | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ .namespace | quote }} }
{{- if .apiKey.secret }}
- { name: TEMPORAL_API_KEY_FILE, value: {{ $secrets }}/temporal-api-key }
{{- end }}
{{- if or .tls.enabled .apiKey.secret .tls.ca.secret .tls.client.secret }}
- { name: TEMPORAL_TLS, value: "true" }
{{- end }}
{{- if .tls.serverName }}
- { name: TEMPORAL_TLS_SERVER_NAME, value: {{ .tls.serverName | quote }} }
{{- end }}
{{- if .tls.ca.secret }}
- { name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: {{ $secrets }}/temporal-ca.crt }
{{- end }}
{{- if .tls.client.secret }}
- { name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: {{ $secrets }}/temporal-client.crt }
- { name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: {{ $secrets }}/temporal-client.key }
{{- end }}
{{- end }}
{{- with $values.blobs }}
{{- if .location }}
- { name: NARROWS_BLOBS, value: {{ .location | quote }} }
{{- if .endpoint }}
- { name: NARROWS_BLOBS_ENDPOINT, value: {{ .endpoint | quote }} }
{{- end }}
{{- if .region }}
- { name: NARROWS_BLOBS_REGION, value: {{ .region | quote }} }
{{- end }}
{{- if .keys.secret }}
- { name: AWS_ACCESS_KEY_ID_FILE, value: {{ $secrets }}/access-key-id }
- { name: AWS_SECRET_ACCESS_KEY_FILE, value: {{ $secrets }}/secret-access-key }
{{- end }}
{{- end }}
{{- end }}
- { name: NARROWS_CACHE_LIMIT, value: {{ .cache }}GiB }
{{- range $name, $value := $values.env }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}

{{- define "narrows.metricsEnvironment" -}}
{{- if .Values.metrics.enabled -}}
- { name: NARROWS_METRICS_PORT, value: {{ .Values.metrics.port | quote }} }
- { name: NARROWS_METRICS_HOST, value: {{ .Values.listen | quote }} }
{{- end }}
{{- end -}}

{{/* Variables of a worker: (dict "root" $ "settings" $settings). */}}
{{- define "narrows.workerEnvironment" -}}
{{- include "narrows.environment" (dict "root" .root "cache" .settings.cache.limitGiB) }}
- { name: NARROWS_HEALTH_PORT, value: "8081" }
- { name: NARROWS_HEALTH_HOST, value: {{ .root.Values.listen | quote }} }
{{- with include "narrows.metricsEnvironment" .root }}{{ . | nindent 0 }}{{ end }}
- { name: NARROWS_GRACE_PERIOD, value: {{ .settings.graceSeconds }}s }
{{- with .root.Values.versioning }}
- { name: NARROWS_DEPLOYMENT, value: {{ . }} }
{{- end }}
{{- end -}}

{{/* Files of /run/secrets/narrows: (dict "root" $ "role" "worker"), "notifications" and "token" add theirs. */}}
{{- define "narrows.secretFiles" -}}
{{- $values := .root.Values -}}
{{- $database := $values.database -}}
- secret:
    name: {{ $database.secret }}
    items:
      - { key: {{ index $database.keys .role }}, path: database-url }
      {{- if and (eq .role "api") $database.keys.apiDirect }}
      - { key: {{ $database.keys.apiDirect }}, path: database-direct-url }
      {{- end }}
{{- with $database.tls.ca }}{{ if .secret }}
- secret: { name: {{ .secret }}, items: [{ key: {{ .key }}, path: database-ca.crt }] }
{{- end }}{{ end }}
{{- with $database.tls.client }}{{ if .secret }}
- secret:
    name: {{ .secret }}
    items:
      - { key: {{ .certificate }}, path: database-client.crt }
      - { key: {{ .privateKey }}, path: database-client.key }
{{- end }}{{ end }}
{{- if and $values.blobs.location $values.blobs.keys.secret }}
- secret:
    name: {{ $values.blobs.keys.secret }}
    items:
      - { key: {{ $values.blobs.keys.id }}, path: access-key-id }
      - { key: {{ $values.blobs.keys.key }}, path: secret-access-key }
{{- end }}
{{- with $values.temporal.apiKey }}{{ if .secret }}
- secret: { name: {{ .secret }}, items: [{ key: {{ .key }}, path: temporal-api-key }] }
{{- end }}{{ end }}
{{- with $values.temporal.tls.ca }}{{ if .secret }}
- secret: { name: {{ .secret }}, items: [{ key: {{ .key }}, path: temporal-ca.crt }] }
{{- end }}{{ end }}
{{- with $values.temporal.tls.client }}{{ if .secret }}
- secret:
    name: {{ .secret }}
    items:
      - { key: {{ .certificate }}, path: temporal-client.crt }
      - { key: {{ .privateKey }}, path: temporal-client.key }
{{- end }}{{ end }}
{{- if .notifications }}
{{- with $values.notifications.webhook }}{{ if .secret }}
- secret:
    name: {{ .secret }}
    items:
      - { key: {{ .url }}, path: webhook-url }
      - { key: {{ .signingKey }}, path: webhook-secret }
{{- end }}{{ end }}
{{- with $values.notifications.mail }}{{ if .secret }}
- secret: { name: {{ .secret }}, items: [{ key: {{ .url }}, path: smtp-url }] }
{{- end }}{{ end }}
{{- end }}
{{- if .token }}
{{- with $values.api.adminToken }}
- secret: { name: {{ .secret }}, items: [{ key: {{ .key }}, path: admin-token }] }
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables of what sends notifications of retrainings. */}}
{{- define "narrows.notificationEnvironment" -}}
{{- $secrets := include "narrows.secrets" . -}}
{{- with .Values.notifications -}}
{{- $url := .publicUrl | default (ternary (printf "https://%s" $.Values.ingress.host) "" $.Values.ingress.enabled) -}}
{{- if $url }}
- { name: NARROWS_PUBLIC_URL, value: {{ $url | quote }} }
{{- end }}
{{- if .webhook.secret }}
- { name: NARROWS_WEBHOOK_URL_FILE, value: {{ $secrets }}/webhook-url }
- { name: NARROWS_WEBHOOK_SECRET_FILE, value: {{ $secrets }}/webhook-secret }
{{- end }}
{{- if .mail.secret }}
- { name: NARROWS_SMTP_URL_FILE, value: {{ $secrets }}/smtp-url }
- { name: NARROWS_MAIL_TO, value: {{ join "," .mail.to | quote }} }
{{- if .mail.from }}
- { name: NARROWS_MAIL_FROM, value: {{ .mail.from | quote }} }
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
