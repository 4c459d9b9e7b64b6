{{/* Pods of Jobs that ask services themselves, as an operator: with the operator's certificate and a token. */}}

{{- define "baliprocess.operatorEnv" -}}
- name: BALI_CA
  value: /etc/baliprocess/authority/ca.crt
- name: BALI_CERT
  value: /etc/baliprocess/tls/tls.crt
- name: BALI_KEY
  value: /etc/baliprocess/tls/tls.key
- name: BALI_TOKEN_FILE
  value: /etc/baliprocess/token/token
{{- end -}}

{{/* Takes a dict of root, and token (a map of existingSecret and key). */}}
{{- define "baliprocess.operatorVolumes" -}}
{{ include "baliprocess.certificateVolumes" (dict "root" .root "name" "operator") }}
{{ include "baliprocess.fileVolume" (dict "volume" "token" "source" .token "path" "token") }}
{{- end -}}

{{/* Arguments of balictl that name the services. Takes the root. */}}
{{- define "baliprocess.serverArguments" -}}
{{- range list "membership" "meetings" "capacity" }}
- --server={{ include "baliprocess.address" (dict "root" $ "name" .) }}
{{- end }}
{{- end -}}

{{/* Who asks services besides each other and the gateway: components as JSON. Takes the root. */}}
{{- define "baliprocess.operators" -}}
{{- $names := list -}}
{{- if eq (include "baliprocess.backupAsksServices" .) "true" }}{{ $names = append $names "backup" }}{{ end -}}
{{- if .Values.verify.enabled }}{{ $names = append $names "verify" }}{{ end -}}
{{- toJson $names -}}
{{- end -}}

{{/* What is so of the specification of every CronJob. Takes a dict of root and job (values). */}}
{{- define "baliprocess.cronBasics" -}}
schedule: {{ .job.schedule | quote }}
{{- if and .job.timeZone (semverCompare ">=1.27-0" .root.Capabilities.KubeVersion.Version) }}
timeZone: {{ .job.timeZone }}
{{- end }}
concurrencyPolicy: Forbid
successfulJobsHistoryLimit: {{ int .job.successfulJobsHistoryLimit }}
failedJobsHistoryLimit: {{ int .job.failedJobsHistoryLimit }}
{{- end -}}

{{- define "baliprocess.cronVersion" -}}
{{- ternary "batch/v1" "batch/v1beta1" (semverCompare ">=1.21-0" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
