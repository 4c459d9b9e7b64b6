{{/* Pods of components. */}}

{{/* A probe of the port for operators. Takes a dict of probe (values) and path. */}}
{{- define "baliprocess.probe" -}}
{{- if .probe.custom -}}
{{- toYaml .probe.custom -}}
{{- else -}}
httpGet:
  path: {{ .path }}
  port: operators
{{ toYaml (omit .probe "custom") }}
{{- end -}}
{{- end -}}

{{- define "baliprocess.grace" -}}
{{- with .Values.drain -}}
{{- if kindIs "invalid" .graceSeconds }}{{ add .delaySeconds .deadlineSeconds 10 }}{{ else }}{{ int .graceSeconds }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.affinity" -}}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "baliprocess.selectorLabels" . | fromYaml)) -}}
{{- if .values.pod.affinity -}}
{{- toYaml .values.pod.affinity -}}
{{- else if eq .values.pod.antiAffinity "hard" -}}
{{- dict "podAntiAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term)) | toYaml -}}
{{- else if eq .values.pod.antiAffinity "soft" -}}
{{- dict "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term))) | toYaml -}}
{{- end -}}
{{- end -}}

{{/* Takes the root: how clients of PostgreSQL check the server. */}}
{{- define "baliprocess.postgresEnv" -}}
{{- with .Values.postgres }}
- name: PGSSLMODE
  value: {{ .sslMode }}
{{- if or .authority.existingConfigMap .authority.existingSecret }}
- name: PGSSLROOTCERT
  value: /etc/baliprocess/postgres-authority/ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{- define "baliprocess.env" -}}
{{- if and (eq .root.Values.profile "postgres") (ne .name "gateway") }}
{{- include "baliprocess.postgresEnv" .root }}
{{- if .values.store.urlKey }}
- name: BALI_STORE
  valueFrom:
    secretKeyRef:
      name: {{ .values.store.existingSecret }}
      key: {{ .values.store.urlKey }}
{{- end }}
{{- end }}
{{- with .values.pod.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "baliprocess.container" -}}
{{- $pod := .values.pod -}}
name: {{ .name }}
image: {{ include "baliprocess.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: [{{ .name }}]
args:
  - --config=/etc/baliprocess/settings/settings.conf
  {{- range .values.extraArgs }}
  - {{ . | quote }}
  {{- end }}
{{- with include "baliprocess.env" . | trim }}
env:
  {{- . | nindent 2 }}
{{- end }}
{{- with $pod.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: calls
    containerPort: {{ include "baliprocess.port" . }}
    protocol: TCP
  - name: operators
    containerPort: 9440
    protocol: TCP
startupProbe:
  {{- include "baliprocess.probe" (dict "probe" $pod.probes.startup "path" "/livez") | nindent 2 }}
readinessProbe:
  {{- include "baliprocess.probe" (dict "probe" $pod.probes.readiness "path" "/readyz/own") | nindent 2 }}
livenessProbe:
  {{- include "baliprocess.probe" (dict "probe" $pod.probes.liveness "path" "/livez") | nindent 2 }}
resources:
  {{- toYaml .values.resources | nindent 2 }}
securityContext:
  {{- toYaml $pod.containerSecurityContext | nindent 2 }}
volumeMounts:
  {{- include "baliprocess.mounts" . | trim | nindent 2 }}
  {{- with $pod.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* What is so of every pod, those of Jobs too. Takes a dict of root and pod (values). */}}
{{- define "baliprocess.podBasics" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .pod.securityContext | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "priorityClassName" "runtimeClassName" "hostAliases" "dnsConfig" }}
{{- with get $.pod $key }}
{{ dict $key . | toYaml }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "baliprocess.podTemplate" -}}
{{- $pod := .values.pod -}}
metadata:
  labels:
    {{- include "baliprocess.podLabels" (dict "root" .root "name" .name "labels" $pod.labels) | nindent 4 }}
  annotations:
    checksum/settings: {{ include "baliprocess.settings" . | sha256sum }}
    {{- if eq .root.Values.monitoring.scrape "annotations" }}
    prometheus.io/scrape: "true"
    prometheus.io/port: "9440"
    prometheus.io/path: /metrics
    {{- end }}
    {{- with mustMergeOverwrite (deepCopy .root.Values.commonAnnotations) $pod.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "baliprocess.podBasics" (dict "root" .root "pod" $pod) | nindent 2 }}
  serviceAccountName: {{ include "baliprocess.serviceAccountName" . }}
  terminationGracePeriodSeconds: {{ include "baliprocess.grace" .root }}
  {{- with include "baliprocess.affinity" . }}
  affinity:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with $pod.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - labelSelector:
        matchLabels:
          {{- include "baliprocess.selectorLabels" $ | nindent 10 }}
      {{- toYaml . | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- with $pod.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - {{- include "baliprocess.container" . | nindent 6 }}
    {{- with $pod.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "baliprocess.volumes" . | nindent 4 }}
    {{- with $pod.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
