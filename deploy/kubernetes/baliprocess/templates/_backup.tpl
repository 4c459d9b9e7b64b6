{{/* The CronJob that copies the records: with sqlite one container, which asks the services; with postgres
     one for each database. With `command` there is one, which does what that says. */}}

{{- define "baliprocess.backupVolumes" -}}
{{- if eq (include "baliprocess.backupAsksServices" .) "true" }}
{{ include "baliprocess.operatorVolumes" (dict "root" . "token" .Values.backup.token) }}
{{- else }}
{{- if .Values.backup.command }}
{{ include "baliprocess.clientVolumes" (dict "root" .) }}
{{- end }}
{{- include "baliprocess.postgresVolumes" . }}
{{- end }}
{{- with .Values.backup.existingClaim }}
- name: backup
  persistentVolumeClaim:
    claimName: {{ . }}
{{- end }}
{{- with .Values.backup.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "baliprocess.backupMounts" -}}
{{- $extra := list }}
{{- range .Values.backup.extraVolumes }}{{ $extra = append $extra .name }}{{ end }}
{{- range include "baliprocess.backupVolumes" . | fromYamlArray }}
{{- if eq .name "backup" }}
- name: backup
  mountPath: /backup
{{- else if not (has .name $extra) }}
- name: {{ .name }}
  mountPath: /etc/baliprocess/{{ .name }}
  readOnly: true
{{- end }}
{{- end }}
{{- with .Values.backup.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "baliprocess.backupEnv" -}}
{{- if eq (include "baliprocess.backupAsksServices" .root) "true" }}
{{ include "baliprocess.operatorEnv" . }}
{{- else }}
{{- if .root.Values.backup.command }}
{{ include "baliprocess.clientEnv" (dict "root" .root) }}
{{- end }}
{{- include "baliprocess.postgresEnv" .root }}
{{- end }}
{{- with .values }}
{{- include "baliprocess.dumpEnv" $ }}
{{- end }}
{{- with .root.Values.backup.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What dumps the database of a service is told. */}}
{{- define "baliprocess.dumpEnv" }}
- name: PGTARGETSESSIONATTRS
  value: read-write
- name: SERVICE
  value: {{ .name }}
- name: KEEP
  value: {{ int .root.Values.backup.keep | quote }}
- name: STORE
{{- with .values.store }}
{{- if .urlKey }}
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .urlKey }}
{{- else }}
  value: {{ .url | quote }}
{{- if .existingSecret }}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .passwordKey }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A dump that breaks off keeps its other name, and is removed by the next one. */}}
{{- define "baliprocess.dumpScript" -}}
umask 077
rm -f "/backup/$SERVICE-"*.part
to=/backup/$SERVICE-$(date -u +%Y%m%dT%H%M%SZ).dump
pg_dump --format=custom --file="$to.part" --dbname="$STORE"
mv "$to.part" "$to"
echo "$to: $(wc -c <"$to") bytes"
ls -r "/backup/$SERVICE-"*.dump | tail -n "+$((KEEP + 1))" | xargs -r rm --
{{- end -}}

{{/* Takes a dict of root, name, and for a dump values (of the service). */}}
{{- define "baliprocess.backupContainer" -}}
{{- $backup := .root.Values.backup -}}
name: {{ .name }}
image: {{ $backup.image | default (include "baliprocess.image" .root) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- if $backup.command }}
command:
  {{- toYaml $backup.command | nindent 2 }}
{{- else if .values }}
command: [sh, -euc]
args:
  - |
    {{- include "baliprocess.dumpScript" . | nindent 4 }}
{{- else }}
command: [balictl]
args:
  - backup
  - /backup
  {{- include "baliprocess.serverArguments" .root | trim | nindent 2 }}
  - --keep={{ int $backup.keep }}
{{- end }}
env:
  {{- include "baliprocess.backupEnv" . | trim | nindent 2 }}
{{- with $backup.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.defaults.pod.containerSecurityContext | nindent 2 }}
volumeMounts:
  {{- include "baliprocess.backupMounts" .root | trim | nindent 2 }}
{{- end -}}
