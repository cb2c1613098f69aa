#include <fmt/format.h>

#include <string>

#include "service/config.h"

namespace cofre::service {
namespace {

// A TOML basic string.
std::string InQuotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if ((c >= 0 && c < ' ') || c == '\x7F') {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

// The operator's own language: this file is read and changed by those who run Cofre.
constexpr const char* kText = R"(# Configuración de Cofre. Cada clave se explica en docs/configuration.md.
# Una línea que empieza con # no cuenta: muestra el valor que rige mientras no se escriba otro.
# Aquí no va ningún secreto, sólo los nombres de los archivos (modo 0600) que los guardan.
# Una ruta relativa parte de la carpeta de este archivo. Compruébelo con: cofre config check

# Dónde se guardan los respaldos: "s3:https://host/bucket/prefijo" o "file:/carpeta".
almacen = {store}

# Archivo de la clave maestra. Con ella y el almacén se recupera todo; sin ella, nada.
# Guarde una copia en otro lugar: cofre key export
clave_maestra = {master_key_file}

# Carpeta de trabajo, y archivo del catálogo (empresas, bases, respaldos, tareas). Con varios nodos el catálogo es una
# base PostgreSQL de todos: "postgresql://cofre@db.example.com/cofre?passfile=/etc/cofre/pgpass".
directorio_estado = {state_directory}
catalogo = {catalogue}

# Zona horaria de las empresas que no tienen una propia.
# zona_horaria = "America/Bogota"

[s3]
# Región; sin ella, la que el proveedor supone.
# region = "us-east-1"
# Dónde va el bucket en la dirección: "auto", "ruta" (https://host/bucket) o "host" (https://bucket.host).
# estilo = "auto"
# Certificados (PEM) de una autoridad propia.
# archivo_ca = "/etc/cofre/ca.pem"
# Credenciales; sin ellas, las del entorno (AWS_ACCESS_KEY_ID, ...) o ~/.aws/credentials.
# clave_acceso = "AKIA..."
# archivo_clave_secreta = "/etc/cofre/s3_secreta"

[firebird]
# Programas de Firebird: un nombre que se busca en PATH, o una ruta.
# gbak = "gbak"
# isql = "isql-fb"
# gfix = "gfix"
# nbackup = "nbackup"

[postgresql]
# Programas de PostgreSQL (postgresql-client-N), de la versión del servidor o de una posterior.
# pg_dump = "pg_dump"
# pg_restore = "pg_restore"
# psql = "psql"

[mariadb]
# Programas de MariaDB (mariadb-client), de la versión del servidor o de una posterior, y su archivo de opciones (TLS).
# mariadb_dump = "mariadb-dump"
# mariadb = "mariadb"
# archivo_opciones = "/etc/cofre/mariadb.cnf"

[limites]
# Un volcado que no da un byte en tantos segundos se termina, y uno que dura más que el máximo también.
# estancado_segundos = 300
# maximo_segundos = 1800
# Cuánto de la línea usan, entre todas, las subidas al almacén y las bajadas de él; sin estas claves, sin límite.
# En ciertas horas rige otro valor. Unidades: kB/s, MB/s, GB/s, Mbit/s.
# ancho_banda_subida = "20 MB/s"
# ventanas_subida = "07:00-19:00=2 MB/s"
# ancho_banda_bajada = "20 MB/s"
# ventanas_bajada = "07:00-19:00=5 MB/s"

# Por servidor: a qué velocidad se leen sus volcados, todos juntos (una VPN, por ejemplo).
# [[limite_servidor]]
# servidor = "srv1"
# ancho_banda = "4 MB/s"
# ventanas = "07:00-19:00=500 kB/s"

[politica]
# Año fiscal actual: el respaldo más reciente de cada uno de los últimos tantos días. Años cerrados: tantos respaldos.
# respaldos_anio_actual = 3
# respaldos_anio_cerrado = 1
# Mes (1 a 12) en que empieza el año fiscal.
# mes_inicio_fiscal = 1
# Año fiscal actual: margen tras hora_backup antes de darlo por atrasado, y cuántos respaldos a la vez.
# margen_minutos = 5
# tamano_lote = 20
# Años cerrados, cada hora: cuántos se miran, cuántos se inician por hora y por minuto, y desde qué edad.
# candidatos = 50
# inicios_por_hora = 10
# inicios_por_minuto = 10
# dias_antiguedad = 30
# Horas con un límite propio de inicios por hora, y si los respaldos se reparten en el mes.
# ventanas = "22:00-06:00=30, 06:00-22:00=10"
# nivelar = true
# Un fallo pasajero se reintenta tras estas pausas (más hasta tanto por ciento), un año cerrado además tras estas horas.
# reintentos_minutos = "5, 15, 45"
# reintentos_variacion = 20
# reintento_horas = 24
# Un servidor con tantos fallos seguidos descansa, cada vez el doble hasta el máximo.
# fallos_servidor = 5
# pausa_servidor_minutos = 10
# pausa_servidor_maxima_minutos = 120

[servicio]
# Tareas a la vez, de toda clase.
# trabajadores = 4
# Segundos que una parada espera a las tareas en curso antes de cancelarlas.
# parada_segundos = 60
# Cada cuántas horas, como mucho, se recupera el espacio de una empresa.
# limpieza_horas = 24
# Cada cuántos días se relee todo lo de una empresa; 0: nunca.
# verificacion_dias = 30
# Ensayos de restauración por día (0: ninguno) y la carpeta en que se hacen.
# ensayos_por_dia = 5
# carpeta_ensayos = "ensayos"
# Días que quedan en el historial las tareas terminadas.
# historial_dias = 400
# Hora del descubrimiento diario de bases nuevas.
# hora_descubrimiento = "06:30"

# Bases nuevas: por servidor, una consulta, un patrón de rutas o un comando que las nombra (docs/configuration.md).
# [[descubrimiento]]
# servidor = "srv1"
# base = "/datos/CONTROL.FDB"
# consulta = "SELECT NIT || ';' || ANIO || ';' || RUTA || ';' || NOMBRE FROM EMPRESAS"

[empresas]
# Lo que recibe una empresa nueva si no se dice otra cosa.
# hora_backup = "01:00"
# limite_espacio_gb = 1

# Lo que sigue se explica en docs/alerts.md. Compruébelo con: cofre alerts test
[avisos]
# Lo que ocurre dentro de tantos segundos va en un mismo mensaje, y tanto se espera la respuesta de un destino.
# agrupar_segundos = 60
# espera_segundos = 15
# Espacio de una empresa: se avisa al llegar a cada uno de estos porcentajes de su límite.
# espacio_alto_porcentaje = 80
# espacio_lleno_porcentaje = 95
# Una base sin respaldo más nuevo que esto está atrasada (año actual, años cerrados).
# atraso_horas = 26
# atraso_dias_cerrado = 35
# Hora local del resumen de la noche; "" para ninguno.
# hora_resumen = "07:00"

[correo]
# servidor = "smtp.example.com"
# puerto = 587
# seguridad = "starttls"
# usuario = "cofre@example.com"
# archivo_clave = "/etc/cofre/correo.clave"
# archivo_ca = "/etc/cofre/ca.pem"
# de = "cofre@example.com"
# para = ["ana@example.com"]
# avisos = ["fallo", "atraso", "espacio", "servidor", "simulacro", "bases", "resumen"]

# Puede haber varios. Una URL que es en sí un secreto va en un archivo: archivo_url en lugar de url.
# [[webhook]]
# nombre = "chat"
# url = "https://chat.example.com/hooks/cofre"
# formato = "chat"
# archivo_token = "/etc/cofre/webhook.token"
# archivo_ca = "/etc/cofre/ca.pem"
# avisos = ["fallo", "servidor"]

# Un servicio externo que da la alarma cuando Cofre deja de llamarlo.
[latido]
# archivo_url = "/etc/cofre/latido.url"
# cada_segundos = 60
# archivo_ca = "/etc/cofre/ca.pem"

# Métricas para Prometheus, en http://127.0.0.1:9187/metrics
[metricas]
# escucha = "127.0.0.1:9187"
# por_empresa = false

# API y página. Sin certificado habla HTTP: solo en esta máquina, o detrás de un proxy que hable TLS.
# El primer administrador se crea con: cofre user add NOMBRE --role administrator
[api]
# escucha = "127.0.0.1:9188"
# certificado = "/etc/cofre/tls.pem"
# clave_privada = "/etc/cofre/tls.key"
# proxies = ["127.0.0.1"]
# url = "https://cofre.example.com"
# descargas = 8
# carpeta_bases = "/var/lib/cofre/descargas"
# bases_horas = 24
# bases_gb = 20
# bases_cantidad = 50
)";

}  // namespace

std::string DefaultConfigText(const InitialConfig& initial) {
  return fmt::format(fmt::runtime(kText), fmt::arg("store", InQuotes(initial.store)),
                     fmt::arg("master_key_file", InQuotes(initial.master_key_file)),
                     fmt::arg("state_directory", InQuotes(initial.state_directory)),
                     fmt::arg("catalogue", InQuotes(initial.catalogue)));
}

}  // namespace cofre::service
