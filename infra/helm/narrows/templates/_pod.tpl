{{/* What the pods of all components share. */}}

{{/* Labels and annotations of a pod: (list $ "api"). */}}
{{- define "narrows.podMetadata" -}}
{{- $values := (first .).Values -}}
labels:
  {{- include "narrows.labels" . | nindent 2 }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $scraped := and $values.metrics.enabled $values.metrics.annotations -}}
{{- if or $scraped $values.podAnnotations }}
annotations:
  {{- if $scraped }}
  prometheus.io/scrape: "true"
  prometheus.io/port: {{ $values.metrics.port | quote }}
  {{- end }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Rights and volumes of a pod: (dict "root" $ "cache" $cache), and what narrows.secretFiles takes. */}}
{{- define "narrows.podBase" -}}
{{- $values := .root.Values -}}
automountServiceAccountToken: false
# Variables of services in this namespace could have the names of ours, such as NARROWS_METRICS_PORT.
enableServiceLinks: false
{{- with $values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- with $values.user }}
  runAsUser: {{ . }}
  runAsGroup: {{ . }}
  # Reads secrets, and writes to the cache.
  fsGroup: {{ . }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  seccompProfile: { type: RuntimeDefault }
volumes:
  - name: cache
    emptyDir: { sizeLimit: {{ add .cache.limitGiB .cache.scratchGiB }}Gi }
  - name: secrets
    projected:
      # 0440, in digits that every reader of YAML takes for the same number
      defaultMode: 288
      sources:
        {{- include "narrows.secretFiles" . | nindent 8 }}
{{- end -}}

{{/* Where a pod may run: its settings. */}}
{{- define "narrows.placement" -}}
{{- $placement := pick . "nodeSelector" "tolerations" "affinity" "priorityClassName" -}}
{{- range $key, $value := $placement }}{{ if not $value }}{{ $placement = omit $placement $key }}{{ end }}{{ end -}}
{{- if $placement }}{{ toYaml $placement }}{{ end -}}
{{- end -}}

{{/* Replicas on different nodes as far as there are some: (list $ "api"). */}}
{{- define "narrows.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "narrows.selector" . | nindent 8 }}
{{- end -}}

{{/* Image and rights of a container: (list $ "narrows-server"). */}}
{{- define "narrows.container" -}}
image: {{ include "narrows.image" . | quote }}
imagePullPolicy: {{ (first .).Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: cache, mountPath: /var/cache/narrows }
  - { name: secrets, mountPath: {{ include "narrows.secrets" . }}, readOnly: true }
{{- end -}}

{{/* Resources of a container; the disk that its cache may fill is asked for as well: settings. */}}
{{- define "narrows.resources" -}}
{{- $resources := deepCopy .resources -}}
{{- $disk := printf "%dGi" (add .cache.limitGiB .cache.scratchGiB) -}}
{{- $requests := merge ($resources.requests | default dict) (dict "ephemeral-storage" $disk) -}}
{{- $_ := set $resources "requests" $requests -}}
{{- if .gpus }}
{{- $_ := set $resources "limits" (merge ($resources.limits | default dict) (dict .gpuResource .gpus)) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{/* Probes: the name of the port. Liveness is what a restart mends; an outage of Postgres is not. */}}
{{- define "narrows.probes" -}}
livenessProbe:
  httpGet: { path: /livez, port: {{ . }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: {{ . }} }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}
