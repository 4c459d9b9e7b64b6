{{/* Names, labels and versions. Most take a "component": a dict of root, name (membership, meetings,
     capacity, gateway) and values (what the component is set to). */}}

{{- define "baliprocess.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A component as the other templates take it. Takes a dict of root and name. */}}
{{- define "baliprocess.values" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (get .root.Values .name | default dict)) | toJson -}}
{{- end -}}

{{- define "baliprocess.componentName" -}}
{{ include "baliprocess.fullname" .root }}-{{ .name }}
{{- end -}}

{{- define "baliprocess.serviceAccountName" -}}
{{- if .values.serviceAccount.create -}}
{{- .values.serviceAccount.name | default (include "baliprocess.componentName" .) -}}
{{- else -}}
{{- .values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* Takes the root. */}}
{{- define "baliprocess.releaseLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What selects a component's pods. Takes a dict of root and name. */}}
{{- define "baliprocess.selectorLabels" -}}
{{ include "baliprocess.releaseLabels" .root }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{/* The metadata of an object. Takes a dict of root, name of the component, and optionally of object
     (its name without that of the release), labels and annotations. */}}
{{- define "baliprocess.metadata" -}}
{{- $annotations := mustMergeOverwrite (deepCopy .root.Values.commonAnnotations) (deepCopy (.annotations | default dict)) -}}
name: {{ include "baliprocess.fullname" .root }}-{{ .object | default .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "baliprocess.labels" . | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "baliprocess.labels" -}}
{{- $own := include "baliprocess.selectorLabels" . | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/version" (.root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $own "app.kubernetes.io/part-of" .root.Chart.Name -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- toYaml (mustMergeOverwrite (deepCopy .root.Values.commonLabels) (deepCopy (.labels | default dict)) $own) -}}
{{- end -}}

{{/* Of pods: without versions, so that a new chart alone restarts nothing. Takes labels besides. */}}
{{- define "baliprocess.podLabels" -}}
{{- $own := include "baliprocess.selectorLabels" . | fromYaml -}}
{{- toYaml (mustMergeOverwrite (deepCopy .root.Values.commonLabels) (deepCopy (.labels | default dict)) $own) -}}
{{- end -}}

{{- define "baliprocess.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The port of a component for calls. */}}
{{- define "baliprocess.port" -}}
{{- get (dict "membership" 7401 "meetings" 7402 "capacity" 7403 "gateway" 8443) .name -}}
{{- end -}}

{{/* The host by which other processes reach a component: one of the names in its certificate. */}}
{{- define "baliprocess.host" -}}
{{ include "baliprocess.componentName" . }}.{{ .root.Release.Namespace }}.svc
{{- end -}}

{{- define "baliprocess.hosts" -}}
{{- $name := include "baliprocess.componentName" . -}}
- {{ $name }}.{{ .root.Release.Namespace }}.svc
- {{ $name }}.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}
- {{ $name }}.{{ .root.Release.Namespace }}
- {{ $name }}
{{- end -}}

{{/* How many replicas a component has; of one that scales by itself, at least. */}}
{{- define "baliprocess.replicas" -}}
{{- if .values.autoscaling.enabled -}}
{{- .values.autoscaling.minReplicas -}}
{{- else if not (kindIs "invalid" .values.replicas) -}}
{{- .values.replicas -}}
{{- else -}}
{{- ternary 1 2 (and (eq .root.Values.profile "sqlite") (ne .name "gateway")) -}}
{{- end -}}
{{- end -}}

{{/* A service that has volumes of its replicas' own is a StatefulSet. Takes a dict of root and name. */}}
{{- define "baliprocess.workloadKind" -}}
{{- $own := or (eq .root.Values.profile "sqlite") (include "baliprocess.values" . | fromJson).erasures.enabled -}}
{{- ternary "StatefulSet" "Deployment" (and $own (ne .name "gateway")) -}}
{{- end -}}

{{/* Who asks a service: its callers as JSON, `backup` apart. Takes a dict of name. */}}
{{- define "baliprocess.callers" -}}
{{- get (dict "membership" (list "gateway" "meetings" "capacity") "meetings" (list "gateway" "capacity") "capacity" (list "gateway")) .name | toJson -}}
{{- end -}}

{{/* Of the release's root: whether there is a certificate for operators, who may ask services themselves. */}}
{{- define "baliprocess.hasOperator" -}}
{{- with .Values.certificates -}}
{{- if or (eq .source "certManager") .secrets.operator }}true{{ end -}}
{{- end -}}
{{- end -}}

{{/* Of the release's root: whether the backup asks services for copies of their stores. */}}
{{- define "baliprocess.backupAsksServices" -}}
{{- if and .Values.backup.enabled (eq .Values.profile "sqlite") }}true{{ end -}}
{{- end -}}

{{/* Of the release's root: whether some service asks an issuer over the network. */}}
{{- define "baliprocess.asksIssuers" -}}
{{- with .Values.tokens -}}
{{- if or .jwksUrl .oidcIssuer .issuersKey }}true{{ end -}}
{{- end -}}
{{- end -}}
