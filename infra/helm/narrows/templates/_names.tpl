{{/* Names and labels. */}}

{{- define "narrows.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains "narrows" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-narrows" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Name of the trainers of a class: (list $ "gpu"). Labels of KEDA hold it, and at most 63 characters. */}}
{{- define "narrows.trainer" -}}
{{- $name := printf "%s-trainer-%s" (include "narrows.name" (first .)) (last .) -}}
{{- if gt (len $name) 63 -}}
{{- fail (printf "the name %s has more than 63 characters: choose a shorter release, fullnameOverride or class" $name) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* Labels that select pods, and never change: (list $ "trainer" "gpu"), (list $ "api"). */}}
{{- define "narrows.selector" -}}
app.kubernetes.io/name: narrows
app.kubernetes.io/instance: {{ (first .).Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- if gt (len .) 2 }}
narrows/trainer-class: {{ index . 2 | quote }}
{{- end }}
{{- end -}}

{{- define "narrows.labels" -}}
{{ include "narrows.selector" . }}
app.kubernetes.io/version: {{ (first .).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (first .).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (first .).Chart.Name (first .).Chart.Version }}
{{- end -}}

{{/* Reference of an image: (list $ "narrows-server"). */}}
{{- define "narrows.image" -}}
{{- $image := (first .).Values.image -}}
{{- if $image.registry }}{{ trimSuffix "/" $image.registry }}/{{ end -}}
{{ last . }}:{{ $image.tag | default (first .).Chart.AppVersion }}
{{- end -}}

{{/* Settings of the classes of trainers, by name, with the defaults of all. */}}
{{- define "narrows.trainers" -}}
{{- $all := dict -}}
{{- range $class, $own := .Values.trainers -}}
{{- $_ := set $all $class (mustMergeOverwrite (deepCopy $.Values.trainerDefaults) ($own | default dict)) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}
